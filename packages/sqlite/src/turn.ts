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

/** At most this many pieces of work in a transaction: others may wait for its lock. */
const MOST = 128

/** What a reader throws that turns out to need the write lock. */
const NEEDS_LOCK = new Error('this needs the write lock')

/**
 * Gathers what is asked in one turn of the event loop into one transaction: beginning and ending one costs several times
 * what is done in it. Everything happens in the order in which it was asked, and none of it before it was. Work by itself
 * runs as if there were no turns; one that fails takes nothing else with it.
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
    queueMicrotask(this.#becomeAlone)
    return true
  }

  #ask<T>(writes: boolean, work: Work<Sql, T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const first = this.#asked.length === 0
      this.#asked.push({ writes, work, resolve: resolve as (answer: unknown) => void, reject })
      // After all continuations that are due already: they may ask as well.
      if (first) queueMicrotask(() => process.nextTick(() => this.flush()))
    })
  }

  #runOne(one: Asked<Sql>): void {
    const { writes, work } = one
    const run = () => (writes ? this.#runner.write((session) => work(session, false)) : this.#runner.read(work))
    answer(run, one.resolve, one.reject)
  }

  /** On one state of the database. What needs the lock after all is done by those who write, from its beginning. */
  #read(batch: readonly Asked<Sql>[]): void {
    const readAll = (session: Session<Sql>) => {
      const reading: Session<Sql> = { ...session, snapshot: runs, immediate: refuses, alone: refuses }
      return session.snapshot(() => batch.map((one) => outcome(one, () => one.work(reading, false))))
    }
    answer(
      () => this.#runner.read(readAll),
      (outcomes) => {
        const needing = batch.filter((_, index) => outcomes[index] === undefined)
        for (const settle of outcomes) settle?.()
        if (needing.length === 1) this.#runOne(needing[0] as Asked<Sql>)
        else if (needing.length > 1) this.#write(needing)
      },
      (error) => {
        for (const { reject } of batch) reject(error)
      },
    )
  }

  #write(batch: readonly Asked<Sql>[]): void {
    const writeAll = (session: Session<Sql>): unknown[] => {
      const locked: Session<Sql> = { ...session, snapshot: runs, immediate: (_rows, work) => work(), alone: runs }
      return session.immediate(batch.length, () => batch.map(({ work }) => work(locked, false)))
    }
    answer(
      () => this.#runner.write(writeAll),
      (answers) => {
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index])
      },
      (error) => {
        // Nothing of it has happened. It may be the fault of one.
        if (isBusy(error)) for (const { reject } of batch) reject(error)
        else for (const one of batch) this.#runOne(one)
      },
    )
  }
}

const runs = <T>(work: () => T): T => work()

const refuses = (): never => {
  throw NEEDS_LOCK
}

/** What becomes of a reader: settled after the transaction, or `undefined` where it needs the lock. */
function outcome<Sql>({ resolve, reject }: Asked<Sql>, read: () => unknown): (() => void) | undefined {
  try {
    const found = read()
    return () => resolve(found)
  } catch (error) {
    if (error === NEEDS_LOCK) return undefined
    if (isBusy(error)) throw error
    return () => reject(error)
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
