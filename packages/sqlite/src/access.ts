import type { Awaitable } from '@ttl/core/adapter'
import type { SqliteDatabase } from './client.ts'
import { Connection, type Plan, type Session } from './connection.ts'
import { Patience } from './patience.ts'
import { isMemory } from './target.ts'
import { type Runner, Turn } from './turn.ts'

/** Runs work on a database: at once where it can, and without blocking the event loop while others hold the lock. */
export class Access<Sql> implements Runner<Sql> {
  readonly #connection: Connection<Sql>
  readonly #patience: Patience
  readonly #turn: Turn<Sql> | undefined

  constructor(target: string | SqliteDatabase, plan: Plan<Sql>, now: () => number, busyTimeoutMs: number) {
    this.#connection = new Connection(target, plan, now)
    this.#patience = new Patience(busyTimeoutMs, () => !this.#connection.inTransaction)
    // Not on the caller's database, where work belongs to what the caller does at the moment, nor where a transaction costs
    // next to nothing.
    if (typeof target === 'string' && !isMemory(target)) {
      this.#turn = new Turn({ read: (work) => this.#read(work), write: (work) => this.#write(work) })
    }
  }

  /** Whether a transaction of the caller is open on the database. */
  get inTransaction(): boolean {
    return this.#connection.inTransaction
  }

  /** For what is small: it may share a transaction with what else is asked in this turn of the event loop. */
  get shared(): Runner<Sql> {
    return this.#turn ?? this
  }

  read<T>(work: (session: Session<Sql>, contended: boolean) => T): Awaitable<T> {
    this.#turn?.flush()
    return this.#read(work)
  }

  write<T>(work: (session: Session<Sql>) => T): Awaitable<T> {
    this.#turn?.flush()
    return this.#write(work)
  }

  /** Resolves when no checkpoint is running in the background. */
  settled(): Promise<void> | undefined {
    return this.#connection.settled()
  }

  /** Waits for what waits, and closes the database if it was opened here. */
  close(): Awaitable<void> {
    this.#turn?.flush()
    const idle = this.#patience.idle()
    return idle === undefined ? this.#connection.close() : Promise.resolve(idle).then(() => this.close())
  }

  #read<T>(work: (session: Session<Sql>, contended: boolean) => T): Awaitable<T> {
    return this.#patience.read((contended) => work(this.#connection.session(), contended))
  }

  #write<T>(work: (session: Session<Sql>) => T): Awaitable<T> {
    return this.#patience.write(() => work(this.#connection.session()))
  }
}
