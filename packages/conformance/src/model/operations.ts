/** What a trace is made of: data, so that it can be printed, shrunk and played again. */

/** A lifetime in units of the grid. */
export type Life =
  | { readonly never: true }
  | { readonly ttl?: number | undefined; readonly age?: number | undefined; readonly at?: number | undefined }

export interface Options {
  readonly life?: Life | undefined
  readonly expiry?: 'keep' | 'restart' | undefined
  readonly restartOn?: 'create' | 'write' | 'access' | undefined
  readonly refreshAfter?: number | undefined
  /** `'unchanged'`: compared with what was last read by `getEntry`. */
  readonly if?: 'absent' | 'present' | 'unchanged' | undefined
}

/** One way to look at a namespace: several of the same name have different policies. */
export interface View {
  readonly name: 'a' | 'b'
  readonly policy: Options
  readonly max: number | undefined
}

export type Members = Readonly<Record<string, number>>

interface On {
  /** Which view. */
  readonly view: number
}

interface Key extends On {
  readonly key: string
}

export type Operation =
  /** Moves on by so many units. */
  | { readonly op: 'advance'; readonly by: number }
  /** Moves to a deadline that is ahead, or to one unit before or after it. */
  | ({ readonly op: 'deadline'; readonly space: 'entry' | 'group'; readonly offset: -1 | 0 | 1 } & Key)
  | ({ readonly op: 'set'; readonly value: unknown; readonly options?: Options | undefined } & Key)
  | ({
      readonly op: 'setMany'
      readonly writes: readonly (readonly [key: string, value: unknown, options?: Options | undefined])[]
    } & On)
  | ({ readonly op: 'get' | 'getEntry'; readonly touch: boolean } & Key)
  | ({ readonly op: 'getMany'; readonly keys: readonly string[]; readonly touch: boolean } & On)
  | ({ readonly op: 'getOrSet'; readonly value: number } & Key)
  | ({ readonly op: 'has' | 'take' | 'delete' | 'touch' | 'persist' | 'expiry' } & Key)
  /** Copies an entry as it stands to another key. */
  | ({ readonly op: 'copy'; readonly to: string; readonly overwrite: boolean } & Key)
  | ({ readonly op: 'deleteMany'; readonly keys: readonly string[] } & On)
  | ({ readonly op: 'expire'; readonly life: Life } & Key)
  | ({ readonly op: 'keys' | 'entries' | 'count' | 'groups' | 'clear' | 'stats' } & On)
  | ({ readonly op: 'sweep'; readonly limit?: number | undefined; readonly asOf?: number | undefined } & On)
  | ({ readonly op: 'group.set'; readonly members: Members; readonly policy?: Options | undefined } & Key)
  | ({ readonly op: 'group.get'; readonly members?: readonly string[] | undefined; readonly touch: boolean } & Key)
  | ({ readonly op: 'group.deleteMember'; readonly member: string } & Key)
  | ({ readonly op: 'group.delete' | 'group.touch' | 'group.persist' | 'group.expiry' } & Key)
  | ({ readonly op: 'group.expire'; readonly life: Life } & Key)

export interface Trace {
  readonly views: readonly View[]
  readonly operations: readonly Operation[]
}

export const NAMES = ['a', 'b'] as const
export const KEYS = ['k', 'l', 'same'] as const
export const IDS = ['g', 'same'] as const
export const MEMBERS = ['x', 'y', 'z'] as const
