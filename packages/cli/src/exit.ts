/** What the program answers to whoever called it. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Done so far, and more remains: call again. */
  more: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A mistake in how the program was called. Nothing was done. */
export class UsageError extends Error {}

/** Something outside of this program that went wrong: said in a line or two, without a stack. */
export class Failure extends Error {}

/** There is no store where one was expected. */
export class Absent extends Failure {}

/** One that says already which store it is about. */
export class StoreFailure extends Failure {}

/** What interrupted work is rejected with. */
export class Interrupted extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('interrupted')
    this.exitCode = exitCode
  }
}
