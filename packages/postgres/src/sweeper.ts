import { TtlError } from '@ttl/core'
import type { Due, SweepRequest, Swept } from '@ttl/core/adapter'
import { type Row, Statement } from './client.ts'
import type { Common, Session } from './session.ts'
import { setting, TOOK_MS } from './statements/rules.ts'

/** What a batch may take on the server, roughly; the number of rows follows. With fewer, most of its time would be overhead. */
const BATCH_MS = 10
const FEWEST_ROWS = 500
const MOST_ROWS = 5_000
const FIRST_ROWS = 1_000

/** A batch waits for nothing, and holds nothing for long. */
const PATIENCE = setting('lock_timeout', '100ms')
/**
 * By the deadline index. The planner knows nothing of the cut-off, takes little to be due, and would rather read and sort all
 * that is due for each batch, up to some hundred thousand rows. And what triggers and cascades cannot do otherwise must not
 * look so dear that it is compiled first.
 */
const BY_DEADLINE = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'jit'].map((name) => setting(name, 'off'))
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
   * how many were deleted or filed anew, whether it did nothing because of an open transaction,
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
    const { row, busyMs } = await this.#batch(session, args, names)
    if (row?.[4] === 't') throw new TtlError('TTL_UNSUPPORTED', OPEN_TRANSACTION)
    if (busyMs !== undefined) this.#adapt(rows, busyMs)
    const more = this.#advance(pass, namespace, Number(row?.[0]) >= rows, row?.[1] ?? undefined, Number(row?.[3]))
    const counts = JSON.parse(row?.[2] ?? '{}') as Record<string, number>
    const deleted = new Map(Object.entries(counts).map(([name, count]) => [decode(name), count]))
    if (!names) return { deleted, more, busyMs }
    const listOf = (json: string | null | undefined) => (JSON.parse(json ?? '[]') as unknown[][]).map(dueOf)
    return { deleted, more, busyMs, names: { deleted: listOf(row?.[5]), kept: listOf(row?.[6]) } }
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

  async #batch<Shared extends Common>(
    session: Session<Shared>,
    args: Readonly<Record<string, unknown>>,
    named: boolean,
  ): Promise<{ readonly row: Row | undefined; readonly busyMs?: number }> {
    const { clock } = session.common
    const scoped = args.ns !== undefined
    const sql = () => this.#broom.sql(scoped, named)
    // Settings would outlive the batch in a transaction of the caller.
    if (session.bound) return { row: (await session.run(`sweep ${scoped} ${named}`, sql, args, true))[0] }
    const now = clock === undefined ? undefined : Math.floor(clock.now())
    const settings = [PATIENCE, ...BY_DEADLINE, ...(this.#broom.told ? [] : [HASTE])].join(', ')
    const batch = new Statement(sql()).inline({ ...args, now })
    // A statement of its own: triggers and cascades run once the one before has ended.
    const [, rows, took] = await session.script(`SELECT ${settings};\n${batch};\nSELECT ${TOOK_MS}`, true)
    return { row: rows?.[0], busyMs: Number(took?.[0]?.[0]) }
  }

  #adapt(rows: number, busyMs: number): void {
    if (rows < this.#rows) return
    const factor = Math.min(2, Math.max(0.5, BATCH_MS / Math.max(busyMs, 0.1)))
    this.#rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round(rows * factor)))
  }
}
