import type { Due, SweepRequest, Swept } from '@ttl/core/adapter'
import { Statement } from './client.ts'
import type { Session } from './session.ts'
import { sweepSql } from './statements/sweep.ts'
import { decodeText, encodeText } from './text.ts'
import { BEGINNING, dueOf } from './upkeep.ts'

/** What a batch may take on the server, roughly; the number of rows follows. */
const BATCH_MS = 5
const FEWEST_ROWS = 50
const MOST_ROWS = 5_000
const FIRST_ROWS = 500

/** A batch waits for nothing, holds nothing for long, and what a crash undoes of it the next pass does again. */
const SETTINGS = `SELECT set_config('lock_timeout', '100ms', true), set_config('synchronous_commit', 'off', true)`

/** Frees what is expired, a batch per call. */
export class Sweeper {
  #rows = FIRST_ROWS
  /** Where the batches of a pass have got to. A pass is known by its cut-off: what is dead already is not read again. */
  readonly #passes = new Map<string, string>()

  async sweep(session: Session, { limit, namespace, asOf, names = false }: SweepRequest): Promise<Swept> {
    const pass = `${asOf ?? ''} ${namespace ?? ''}`
    const rows = Math.min(limit, this.#rows)
    const from = asOf === undefined ? BEGINNING : (this.#passes.get(pass) ?? BEGINNING)
    const elapsed = stopwatch()
    const args = { asOf, from, limit: rows, ns: namespace && encodeText(namespace) }
    const [row] = await this.#batch(session, args, names)
    this.#adapt(rows, elapsed())
    const more = Number(row?.[0]) >= rows
    if (more && asOf !== undefined) this.#passes.set(pass, row?.[1] as string)
    else this.#passes.delete(pass)
    const counts = JSON.parse(row?.[2] ?? '{}') as Record<string, number>
    const deleted = new Map(Object.entries(counts).map(([name, count]) => [decodeText(name), count]))
    return names ? { deleted, more, names: { deleted: listOf(row?.[3]), kept: listOf(row?.[4]) } } : { deleted, more }
  }

  #batch(session: Session, args: Readonly<Record<string, unknown>>, named: boolean) {
    const { names, clockSql, clock } = session.common
    const scoped = args.ns !== undefined
    const sql = () => sweepSql(names, clockSql, scoped, named)
    // Settings would outlive the batch in a transaction of the caller.
    if (session.bound) return session.run(`sweep ${scoped} ${named}`, sql, args, true)
    const now = clock === undefined ? undefined : Math.floor(clock.now())
    return session.script(`${SETTINGS};\n${new Statement(sql()).inline({ ...args, now })}`, true)
  }

  #adapt(rows: number, tookMs: number): void {
    if (rows < this.#rows) return
    const factor = Math.min(2, Math.max(0.5, BATCH_MS / tookMs))
    this.#rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(rows * factor)))
  }
}

const listOf = (json: string | null | undefined): Due[] =>
  (JSON.parse(json ?? '[]') as unknown[][]).map((row) => dueOf(...row))

/** Starts counting; the answer tells the milliseconds since. For the size of batches only: expiry is judged by the clock. */
function stopwatch(): () => number {
  const start = process.hrtime.bigint()
  return () => Number(process.hrtime.bigint() - start) / 1e6
}
