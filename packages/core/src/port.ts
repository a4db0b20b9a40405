import { isPromise } from './awaitable.ts'
import type { Awaitable, Backend } from './backend.ts'
import { BatchFailure } from './batch.ts'
import { TtlError } from './errors.ts'

interface Subject {
  readonly operation: string
  readonly namespace?: string | undefined
  readonly key?: string | undefined
}

/** The one way from core to a backend: refuses when closed, and wraps every error once. */
export class Port {
  readonly backend: Backend
  #closing: Promise<void> | undefined

  constructor(backend: Backend) {
    this.backend = backend
  }

  /** Runs a whole operation, the checks of its arguments included: what they throw is rejected with its subject. */
  async run<T>(
    operation: string,
    namespace: string | undefined,
    key: string | undefined,
    call: (backend: Backend) => Awaitable<T>,
  ): Promise<T> {
    try {
      this.open()
      const answer = call(this.backend)
      return isPromise(answer) ? await answer : answer
    } catch (error) {
      throw this.wrap(error, { operation, namespace, key })
    }
  }

  /** @throws {@link TtlError} `TTL_CLOSED` after `close` was called */
  open(): void {
    if (this.#closing !== undefined) throw new TtlError('TTL_CLOSED', 'the store is closed; create a new one')
  }

  close(): Promise<void> {
    this.#closing ??= Promise.resolve()
      .then(() => this.backend.close())
      .catch((error: unknown) => {
        throw this.wrap(error, { operation: 'close' })
      })
    return this.#closing
  }

  wrap(error: unknown, subject: Subject): unknown {
    if (error instanceof Foreign) return error.cause
    if (error instanceof BatchFailure)
      return named(this.wrap(error.cause, subject) as TtlError, { stored: error.stored, failed: error.failed })
    if (error instanceof TtlError) return named(error, subject)
    const { retryable, outcome } = this.backend.classify(error)
    const code: unknown = (error as { code?: unknown } | null | undefined)?.code
    return named(
      new TtlError(
        'TTL_BACKEND',
        `${this.backend.name} failed in ${subject.operation}${typeof code === 'string' ? ` (${code})` : ''}; see cause`,
        {
          retryable,
          outcome,
          cause: error,
        },
      ),
      subject,
    )
  }
}

/** Carries what the caller's own code threw (a loader, an abort) out of an operation, as it is. */
export class Foreign extends Error {
  constructor(cause: unknown) {
    super('not ours', { cause })
  }
}

/** Runs the caller's own code. */
export async function foreign<T>(call: () => Awaitable<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new Foreign(error)
  }
}

/** Adds what an error does not say yet. */
function named(error: TtlError, facts: object): TtlError {
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined && error[name as keyof TtlError] === undefined) {
      Object.defineProperty(error, name, { value, enumerable: true })
    }
  }
  return error
}
