import { isPromise } from './awaitable.ts'
import type { Awaitable, Backend, Classified, Reclaimable } from './backend.ts'
import { BatchFailure } from './batch.ts'
import { annotate, TtlError } from './errors.ts'
import { Foreign } from './foreign.ts'
import { Meter } from './meter.ts'
import { isRead, type Operation } from './operations.ts'
import { subscribed, traced } from './tracing.ts'

interface Place {
  readonly operation: string
  readonly namespace?: string | undefined
  readonly key?: string | undefined
}

/** The one way from core to a backend: refuses when closed, counts, tells who traces, and wraps every error once. */
export class Port<Subject extends Reclaimable = Backend> {
  readonly backend: Subject
  readonly meter: Meter
  readonly #subjectOf: (operation: Operation) => Subject
  #closing: Promise<void> | undefined
  #running = 0
  #whenIdle: (() => void) | undefined

  /** @param subjectOf what an operation is given. Default: the backend as it is */
  constructor(
    backend: Subject,
    subjectOf: (operation: Operation) => Subject = () => backend,
    meter: Meter = new Meter(),
  ) {
    this.backend = backend
    this.meter = meter
    this.#subjectOf = subjectOf
  }

  /** Runs a whole operation, the checks of its arguments included: what they throw is rejected with its subject. */
  run<T>(
    operation: Operation,
    namespace: string | undefined,
    key: string | undefined,
    call: (backend: Subject) => Awaitable<T>,
  ): Promise<T> {
    const tracing = subscribed(operation)
    if (tracing === undefined) return this.#run(operation, namespace, key, call)
    const context = { operation, backend: this.backend.name, namespace, key }
    return traced(tracing, context, () => this.#run(operation, namespace, key, call))
  }

  async #run<T>(
    operation: Operation,
    namespace: string | undefined,
    key: string | undefined,
    call: (backend: Subject) => Awaitable<T>,
  ): Promise<T> {
    this.meter.called(operation)
    try {
      this.open()
      this.#running++
      try {
        const answer = call(this.#subjectOf(operation))
        return isPromise(answer) ? await answer : answer
      } finally {
        this.#leave()
      }
    } catch (error) {
      const wrapped = this.wrap(error, { operation, namespace, key })
      this.meter.failed(operation, wrapped)
      throw wrapped
    }
  }

  /**
   * Runs the caller's own code within an operation. `close` does not wait for it; after a close the operation ends there.
   */
  async outside<T>(call: () => Awaitable<T>): Promise<T> {
    this.#leave()
    let answer: T
    try {
      answer = await call()
    } catch (error) {
      throw new Foreign(error)
    } finally {
      this.#running++
    }
    this.open()
    return answer
  }

  /** @throws {@link TtlError} `TTL_CLOSED` after `close` was called */
  open(): void {
    if (this.#closing !== undefined) throw new TtlError('TTL_CLOSED', 'the store is closed; create a new one')
  }

  /** Refuses new calls at once, waits for those that run and for what is to be ended before, then closes the backend. */
  close(before: () => Promise<unknown>): Promise<void> {
    this.#closing ??= this.#close(before)
    return this.#closing
  }

  #leave(): void {
    this.#running--
    if (this.#running === 0) this.#whenIdle?.()
  }

  async #close(before: () => Promise<unknown>): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve
      if (this.#running === 0) resolve()
    })
    const [ended] = await Promise.allSettled([before(), idle])
    try {
      await this.backend.close()
      if (ended.status === 'rejected') throw ended.reason
    } catch (error) {
      throw this.wrap(error, { operation: 'close' })
    }
  }

  wrap(error: unknown, subject: Place): unknown {
    if (error instanceof Foreign) return error.cause
    if (error instanceof TtlError) return annotate(error, subject)
    if (error instanceof BatchFailure) return this.#wrapBatch(error, subject)
    return this.#backendError(error, this.backend.classify(error), subject)
  }

  #wrapBatch({ errors, stored, failed }: BatchFailure, subject: Place): TtlError {
    const [first] = errors
    const own = errors.find((error) => error instanceof TtlError)
    if (own !== undefined) return annotate(own, { ...subject, stored, failed })
    const classified = errors.map((error) => this.backend.classify(error))
    const together: Classified = {
      retryable: classified.every(({ retryable }) => retryable),
      outcome: classified.some(({ outcome }) => outcome === 'unknown') ? 'unknown' : undefined,
    }
    const cause = errors.length === 1 ? first : new AggregateError(errors, `${errors.length} of a batch failed`)
    return annotate(this.#backendError(cause, together, subject), { stored, failed })
  }

  #backendError(cause: unknown, { retryable, outcome }: Classified, subject: Place): TtlError {
    const code: unknown = (cause as { code?: unknown } | null | undefined)?.code
    const named = typeof code === 'string' ? ` (${code})` : ''
    return new TtlError('TTL_BACKEND', `${this.backend.name} failed in ${subject.operation}${named}; see cause`, {
      ...subject,
      retryable,
      outcome: isRead(subject.operation) ? undefined : outcome,
      cause,
    })
  }
}
