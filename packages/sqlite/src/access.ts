import type { Awaitable } from '@ttl/core/adapter'
import type { SqliteDatabase } from './client.ts'
import { Connection, type Plan, type Session } from './connection.ts'
import { Patience } from './patience.ts'

/** Runs work on a database: at once where it can, and without blocking the event loop while others hold the lock. */
export class Access<Sql> {
  readonly #connection: Connection<Sql>
  readonly #patience: Patience

  constructor(target: string | SqliteDatabase, plan: Plan<Sql>, now: () => number, busyTimeoutMs: number) {
    this.#connection = new Connection(target, plan, now)
    this.#patience = new Patience(busyTimeoutMs, () => !this.#connection.inTransaction)
  }

  /** Whether a transaction of the caller is open on the database. */
  get inTransaction(): boolean {
    return this.#connection.inTransaction
  }

  /** @param work is told whether others wait for the lock: then it throws `Contended` rather than to ask for it itself */
  read<T>(work: (session: Session<Sql>, contended: boolean) => T): Awaitable<T> {
    return this.#patience.read((contended) => work(this.#connection.session(), contended))
  }

  write<T>(work: (session: Session<Sql>) => T): Awaitable<T> {
    return this.#patience.write(() => work(this.#connection.session()))
  }

  /** Resolves when no checkpoint is running in the background. */
  settled(): Promise<void> | undefined {
    return this.#connection.settled()
  }

  /** Waits for what waits, and closes the database if it was opened here. */
  close(): Awaitable<void> {
    const idle = this.#patience.idle()
    return idle === undefined ? this.#connection.close() : Promise.resolve(idle).then(() => this.#connection.close())
  }
}
