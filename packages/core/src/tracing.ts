import type { Operation } from './operations.ts'

/** What subscribers of a tracing channel are told. Never a value. */
export interface TraceContext {
  readonly operation: Operation
  /** The name of the backend: `'sqlite'`. */
  readonly backend: string
  readonly namespace: string | undefined
  /** The key of an entry, the id of a group; `undefined` where an operation is about several, or none. */
  readonly key: string | undefined
  /** Why it was rejected. */
  error?: unknown
}

/** A channel of `node:diagnostics_channel`, as far as it is used. */
interface Channel {
  publish(context: TraceContext): void
  runStores<T>(context: TraceContext, run: () => T): T
}

interface Tracing {
  readonly hasSubscribers: boolean
  readonly start: Channel
  readonly end: Channel
  readonly asyncStart: Channel
  readonly asyncEnd: Channel
  readonly error: Channel
}

interface Diagnostics {
  tracingChannel(name: string): Tracing
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

// Asked for rather than imported: core imports nothing, and runs where there is no Node.
const diagnostics = (globalThis as Host).process?.getBuiltinModule?.('node:diagnostics_channel') as
  | Diagnostics
  | undefined

const channels = new Map<Operation, Tracing | undefined>()

/** The tracing channel `ttl:<operation>`, while anybody subscribes to it. */
export function subscribed(operation: Operation): Tracing | undefined {
  let channel = channels.get(operation)
  if (channel === undefined && diagnostics !== undefined) {
    channel = diagnostics.tracingChannel(`ttl:${operation}`)
    channels.set(operation, channel)
  }
  return channel?.hasSubscribers ? channel : undefined
}

/** Runs an operation and tells of it as `tracePromise` of `node:diagnostics_channel` does, but for what it answers. */
export function traced<T>(tracing: Tracing, context: TraceContext, run: () => Promise<T>): Promise<T> {
  const settle = () => {
    tracing.asyncStart.publish(context)
    tracing.asyncEnd.publish(context)
  }
  return tracing.start.runStores(context, () => {
    const promise = run().then(
      (answer) => {
        settle()
        return answer
      },
      (error: unknown) => {
        context.error = error
        tracing.error.publish(context)
        settle()
        throw error
      },
    )
    tracing.end.publish(context)
    return promise
  })
}
