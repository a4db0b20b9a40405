import type { Due, SweepRequest, Swept } from '@ttl/core/adapter'
import { Statement } from './client.ts'
import type { Common, Session } from './session.ts'

/** What a batch may take on the server, roughly; the number of rows follows. With fewer, most of its time would be overhead. */
const BATCH_MS = 10
const FEWEST_ROWS = 500
const MOST_ROWS = 5_000
const FIRST_ROWS = 1_000

/** A batch waits for nothing, holds nothing for long, and what a crash undoes of it the next pass does again. */
const SETTINGS = `SELECT set_config('lock_timeout', '100ms', true), set_config('synchronous_commit', 'off', true)`

/** What is swept. */
export interface Broom {
  /**
   * One batch. One row: how many rows were looked at, where the next batch begins, how many were deleted by namespace as JSON,
   * how long it took (`tookMs`), and with `named`, as JSON, what was deleted and what was come upon in vain.
   */
  readonly sql: (scoped: boolean, named: boolean) => string
  /** Where a pass begins. */
  readonly beginning: string | undefined
  readonly encode: (namespace: string) => string
  readonly decode: (namespace: string) => string
  /** Reads a row of what is named. */
  readonly dueOf: (row: readonly unknown[]) => Due
}

/** Frees what is expired, a batch per call. */
export class Sweeper {
  readonly #broom: Broom
  #rows = FIRST_ROWS
  /** Where the batches of a pass have got to. A pass is known by its cut-off: what is dead already is not read again. */
  readonly #passes = new Map<string, string>()

  constructor(broom: Broom) {
    this.#broom = broom
  }

  async sweep<Shared extends Common>(
    session: Session<Shared>,
    { limit, namespace, asOf, names = false }: SweepRequest,
  ): Promise<Swept> {
    const { beginning, encode, decode, dueOf } = this.#broom
    const pass = `${asOf ?? ''} ${namespace ?? ''}`
    const rows = Math.min(limit, this.#rows)
    const from = asOf === undefined ? beginning : (this.#passes.get(pass) ?? beginning)
    const args = { asOf, from, limit: rows, ns: namespace === undefined ? undefined : encode(namespace) }
    const [row] = await this.#batch(session, args, names)
    this.#adapt(rows, Number(row?.[3]))
    const more = Number(row?.[0]) >= rows
    if (more && asOf !== undefined) this.#passes.set(pass, row?.[1] as string)
    else this.#passes.delete(pass)
    const counts = JSON.parse(row?.[2] ?? '{}') as Record<string, number>
    const deleted = new Map(Object.entries(counts).map(([name, count]) => [decode(name), count]))
    if (!names) return { deleted, more }
    const listOf = (json: string | null | undefined) => (JSON.parse(json ?? '[]') as unknown[][]).map(dueOf)
    return { deleted, more, names: { deleted: listOf(row?.[4]), kept: listOf(row?.[5]) } }
  }

  #batch<Shared extends Common>(session: Session<Shared>, args: Readonly<Record<string, unknown>>, named: boolean) {
    const { clock } = session.common
    const scoped = args.ns !== undefined
    const sql = () => this.#broom.sql(scoped, named)
    // Settings would outlive the batch in a transaction of the caller.
    if (session.bound) return session.run(`sweep ${scoped} ${named}`, sql, args, true)
    const now = clock === undefined ? undefined : Math.floor(clock.now())
    return session.script(`${SETTINGS};\n${new Statement(sql()).inline({ ...args, now })}`, true)
  }

  #adapt(rows: number, tookMs: number): void {
    if (rows < this.#rows) return
    const factor = Math.min(2, Math.max(0.5, BATCH_MS / Math.max(tookMs, 0.1)))
    this.#rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(rows * factor)))
  }
}
