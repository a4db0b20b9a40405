/** What is measured: stores that keep values for a time, behind one interface. */

export type Call<T> = T | Promise<T>

/** Made so that its JSON has the wanted number of bytes; every subject encodes and decodes it. */
export interface Value {
  readonly id: string
  readonly text: string
}

/** One key, one value, one time to live. A method that a subject has no way to do is not there. */
export interface Entries {
  /** @param ttlMs when it differs from that of the place, which is what the subject was configured with */
  set(key: string, value: Value, ttlMs?: number): Call<unknown>
  get(key: string): Call<Value | null | undefined>
  delete(key: string): Call<unknown>
  /** Starts the time to live again. */
  touch?(key: string): Call<unknown>
  /** How many of them were there; their values have been decoded. */
  getMany?(keys: readonly string[]): Call<number>
  setMany?(entries: readonly (readonly [key: string, value: Value])[]): Call<unknown>
}

/** Values that are to live and die together. */
export interface Groups {
  write(id: string, members: Readonly<Record<string, Value>>): Call<unknown>
  /** How many of these members were there. */
  read(id: string, members: readonly string[]): Call<number>
  touch?(id: string, members: readonly string[]): Call<unknown>
}

export interface Opened {
  readonly entries: Entries
  /** A place of its own where each `get` restarts the time to live. */
  readonly sliding?: Pick<Entries, 'get' | 'set' | 'setMany'> | undefined
  readonly groups?: Groups | undefined
  close(): Call<unknown>
}

/** The parts of an opened subject, each filled and measured alone: rows of one must not make the other slower. */
export const PARTS = ['entries', 'sliding', 'groups'] as const
export type Part = (typeof PARTS)[number]

export const BACKENDS = ['memory', 'sqlite', 'redis', 'postgres'] as const
export type BackendName = (typeof BACKENDS)[number]

/** Where subjects keep their data, and what they are all configured with. */
export interface Place {
  /** What tells the tables and keys of one opening of a subject from those of another. Lower case letters and digits. */
  readonly name: string
  readonly ttlMs: number
  /** Connections of a pool. */
  readonly poolSize: number
  /** A file that nobody has yet. */
  file(name: string): string
  redisUrl(): string
  postgresUrl(): string
}

export interface Subject {
  readonly name: string
  readonly backend: BackendName
  readonly role: 'ours' | 'driver' | 'peer'
  /** The npm packages that it stands for; their installed versions are reported. */
  readonly packages: readonly string[]
  /** What it is compared with, when that is not the backend's first driver. */
  readonly driver?: string
  /** The shortest time to live that it can tell. Default 1. */
  readonly leastTtlMs?: number
  /** What a reader has to know to judge the comparison. */
  readonly note?: string
  open(place: Place): Promise<Opened>
}
