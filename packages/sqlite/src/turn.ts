import type { Awaitable } from '@ttl/core/adapter'
import type { Session } from './connection.ts'
import { isBusy } from './patience.ts'

type Work<Sql, T> = (session: Session<Sql>, contended: boolean) => T

interface Asked<Sql> {
  readonly writes: boolean
  readonly work: Work<Sql, unknown>
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/** Runs work, which may run again from its beginning: at once, or once the lock is free. */
export interface Runner<Sql> {
  /** @param work is told whether others wait for the lock: then it throws `Contended` rather than to ask for it itself */
  read<T>(work: Work<Sql, T>): Awaitable<T>
  write<T>(work: (session: Session<Sql>) => T): Awaitable<T>
}

/** As they are when this is loaded: where a test fakes them later, nothing would be answered any more. */
const { nextTick } = process
const microtask = queueMicrotask

/** At most this many pieces of work in a transaction: others may wait for its lock. */
const MOST = 128

/** What a reader throws that turns out to need the write lock. */
const NEEDS_LOCK = new Error('this needs the write lock')

/**
 * Gathers what is asked in one turn of the event loop into one transaction: beginning and ending one costs several times
 * what is done in it. Neighbours of one kind, readers or writers, share one; everything happens in the order in which it was
 * asked, but for readers that pass writers who wait for the lock, and none of it before it was. Work by itself runs as if
 * there were no turns; one that fails takes nothing else with it.
 */
export class Turn<Sql> implements Runner<Sql> {
  readonly #runner: Runner<Sql>
  #asked: Asked<Sql>[] = []
  #alone = true
  readonly #becomeAlone = () => {
    this.#alone = true
  }

  constructor(runner: Runner<Sql>) {
    this.#runner = runner
  }

  read<T>(work: Work<Sql, T>): Awaitable<T> {
    return this.#isAlone() ? this.#runner.read(work) : this.#ask(false, work)
  }

  write<T>(work: (session: Session<Sql>) => T): Awaitable<T> {
    return this.#isAlone() ? this.#runner.write(work) : this.#ask(true, work)
  }

  /** Does now what has been asked. */
  flush(): void {
    const asked = this.#asked
    if (asked.length === 0) return
    this.#asked = []
    this.#alone = asked.length === 1
    for (let from = 0, to = 0; from < asked.length; from = to) {
      const { writes } = asked[from] as Asked<Sql>
      while (to < asked.length && to - from < MOST && asked[to]?.writes === writes) to++
      const batch = from === 0 && to === asked.length ? asked : asked.slice(from, to)
      if (batch.length === 1) this.#runOne(batch[0] as Asked<Sql>)
      else if (writes) this.#write(batch)
      else this.#read(batch)
    }
  }

  /**
   * Whether nobody else asks as well, so far as can be known: who awaits one answer before asking again comes after the
   * microtask, those who ask side by side come before it. Those who did so last are expected to do so again.
   */
  #isAlone(): boolean {
    if (!this.#alone || this.#asked.length > 0) return false
    this.#alone = false
    microtask(this.#becomeAlone)
    return true
  }

  #ask<T>(writes: boolean, work: Work<Sql, T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const first = this.#asked.length === 0
      this.#asked.push({ writes, work, resolve: resolve as (answer: unknown) => void, reject })
      // After all continuations that are due already: they may ask as well.
      if (first) microtask(() => nextTick(() => this.flush()))
    })
  }

  #runOne(one: Asked<Sql>): void {
    const { writes, work } = one
    const run = () => (writes ? this.#runner.write((session) => work(session, false)) : this.#runner.read(work))
    answer(run, one.resolve, one.reject)
  }

  /** On one state of the database. What needs the lock after all is done by those who write, from its beginning. */
  #read(batch: readonly Asked<Sql>[]): void {
    const readAll = (session: Session<Sql>) =>
      session.snapshot(() => {
        // Not later than the state that they see: what was refreshed meanwhile would look dead.
        const now = session.now()
        const reading: Session<Sql> = { ...session, now: () => now, snapshot: runs, immediate: refuses, alone: refuses }
        return batch.map((one) => outcome(one, () => one.work(reading, false)))
      })
    answer(
      () => this.#runner.read(readAll),
      (outcomes) => {
        const needing = batch.filter((_, index) => outcomes[index] === undefined)
        for (const settle of outcomes) settle?.()
        if (needing.length === 1) this.#runOne(needing[0] as Asked<Sql>)
        else if (needing.length > 1) this.#write(needing)
      },
      (error) => this.#failed(batch, error),
    )
  }

  #write(batch: readonly Asked<Sql>[]): void {
    const writeAll = (session: Session<Sql>) => {
      const locked: Session<Sql> = { ...session, snapshot: runs, immediate: (_rows, work) => work(), alone: runs }
      try {
        return session.immediate(batch.length, () => batch.map((one) => done(one, one.work(locked, false))))
      } catch (error) {
        if (isBusy(error)) throw error
        // Nothing of it has happened. It may be the fault of one: each in a savepoint, before anybody else has his turn.
        return session.immediate(batch.length, () =>
          batch.map((one) => outcome(one, () => session.snapshot(() => one.work(locked, false)))),
        )
      }
    }
    answer(
      () => this.#runner.write(writeAll),
      (outcomes) => {
        for (const settle of outcomes) settle?.()
      },
      (error) => this.#failed(batch, error),
    )
  }

  /** Nothing of a batch has happened. */
  #failed(batch: readonly Asked<Sql>[], error: unknown): void {
    if (isBusy(error)) for (const { reject } of batch) reject(error)
    else for (const one of batch) this.#runOne(one)
  }
}

const runs = <T>(work: () => T): T => work()

const refuses = (): never => {
  throw NEEDS_LOCK
}

/** Settles after the transaction. */
const done =
  <Sql>({ resolve }: Asked<Sql>, found: unknown) =>
  () =>
    resolve(found)

/** What becomes of one among others: settled after the transaction, or `undefined` where a reader needs the lock. */
function outcome<Sql>(one: Asked<Sql>, run: () => unknown): (() => void) | undefined {
  try {
    return done(one, run())
  } catch (error) {
    if (error === NEEDS_LOCK) return undefined
    if (isBusy(error)) throw error
    return () => one.reject(error)
  }
}

function answer<T>(run: () => Awaitable<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  try {
    const value = run()
    if (value instanceof Promise) value.then(resolve, reject)
    else resolve(value)
  } catch (error) {
    reject(error)
  }
}
