import { TtlError } from '@ttl/core'
import type { Due, SweepRequest, Swept } from '@ttl/core/adapter'
import { Statement } from './client.ts'
import type { Common, Session } from './session.ts'
import { setting } from './statements/rules.ts'

/** What a batch may take on the server, roughly; the number of rows follows. With fewer, most of its time would be overhead. */
const BATCH_MS = 10
const FEWEST_ROWS = 500
const MOST_ROWS = 5_000
const FIRST_ROWS = 1_000

/** A batch waits for nothing, and holds nothing for long. */
const PATIENCE = setting('lock_timeout', '100ms')
/** What a crash undoes of a batch the next pass does again; but nobody may have been told of it. */
const HASTE = setting('synchronous_commit', 'off')

const OPEN_TRANSACTION =
  'onDelete of expiringTable() is called after the commit, which here is yours: sweep outside of your transaction'
const KEPT = 'expired rows cannot be deleted: a trigger or a row-level policy keeps every one of a whole batch'

/** How far a pass has got. It is known by its cut-off. */
interface Pass {
  readonly asOf: number | undefined
  readonly place: string | undefined
  /** How many rows it has deleted or filed anew. */
  readonly changed: number
}

/** What is swept. */
export interface Broom {
  /**
   * One batch. One row: how many rows were looked at, where the next batch begins, how many were deleted by namespace as JSON,
   * how long it took (`tookMs`), how many were deleted or filed anew, whether it did nothing because of an open transaction,
   * and with `named`, as JSON, what was deleted and what was come upon in vain.
   */
  readonly sql: (scoped: boolean, named: boolean) => string
  /** Whether somebody is told of what is deleted, so that it has to be durable by then. */
  readonly told: boolean
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
  /** The latest pass over each namespace, or over all: what is dead already is not read again. */
  readonly #passes = new Map<string | undefined, Pass>()

  constructor(broom: Broom) {
    this.#broom = broom
  }

  async sweep<Shared extends Common>(
    session: Session<Shared>,
    { limit, namespace, asOf, names = false }: SweepRequest,
  ): Promise<Swept> {
    const { beginning, encode, decode, dueOf } = this.#broom
    const rows = Math.min(limit, this.#rows)
    const latest = this.#passes.get(namespace)
    const pass = asOf !== undefined && latest?.asOf === asOf ? latest : { asOf, place: beginning, changed: 0 }
    const args = { asOf, from: pass.place, limit: rows, ns: namespace === undefined ? undefined : encode(namespace) }
    const [row] = await this.#batch(session, args, names)
    if (row?.[5] === 't') throw new TtlError('TTL_UNSUPPORTED', OPEN_TRANSACTION)
    const busyMs = Number(row?.[3])
    this.#adapt(rows, busyMs)
    const more = this.#advance(pass, namespace, Number(row?.[0]) >= rows, row?.[1] ?? undefined, Number(row?.[4]))
    const counts = JSON.parse(row?.[2] ?? '{}') as Record<string, number>
    const deleted = new Map(Object.entries(counts).map(([name, count]) => [decode(name), count]))
    if (!names) return { deleted, more, busyMs }
    const listOf = (json: string | null | undefined) => (JSON.parse(json ?? '[]') as unknown[][]).map(dueOf)
    return { deleted, more, busyMs, names: { deleted: listOf(row?.[6]), kept: listOf(row?.[7]) } }
  }

  /** Whether more may be waiting. What came up behind a pass, or was held when it went by, waits for another one. */
  #advance(
    pass: Pass,
    namespace: string | undefined,
    full: boolean,
    place: string | undefined,
    changed: number,
  ): boolean {
    this.#passes.delete(namespace)
    if (!full) return pass.place !== this.#broom.beginning && pass.changed + changed > 0
    if (pass.asOf === undefined) return changed > 0
    if (changed === 0 && place === pass.place) throw new TtlError('TTL_BACKEND', KEPT)
    this.#passes.set(namespace, { asOf: pass.asOf, place, changed: pass.changed + changed })
    return true
  }

  #batch<Shared extends Common>(session: Session<Shared>, args: Readonly<Record<string, unknown>>, named: boolean) {
    const { clock } = session.common
    const scoped = args.ns !== undefined
    const sql = () => this.#broom.sql(scoped, named)
    // Settings would outlive the batch in a transaction of the caller.
    if (session.bound) return session.run(`sweep ${scoped} ${named}`, sql, args, true)
    const now = clock === undefined ? undefined : Math.floor(clock.now())
    const settings = this.#broom.told ? PATIENCE : `${PATIENCE}, ${HASTE}`
    return session.script(`SELECT ${settings};\n${new Statement(sql()).inline({ ...args, now })}`, true)
  }

  #adapt(rows: number, tookMs: number): void {
    if (rows < this.#rows) return
    const factor = Math.min(2, Math.max(0.5, BATCH_MS / Math.max(tookMs, 0.1)))
    this.#rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(rows * factor)))
  }
}
