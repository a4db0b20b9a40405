import { getCheckpointId } from '@langchain/langgraph-checkpoint'
import { TtlTypeError } from '@ttl/core'

/** What LangGraph passes about, as far as it is read. Everything in it is optional, and anybody's. */
export interface ConfigLike {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined
}

/** Which checkpoint a config means. */
export interface Address {
  readonly threadId: string | undefined
  /** `undefined`: any, for a list; `''` for everything else. */
  readonly ns: string | undefined
  /** `undefined`: the latest, or with a write: none yet. */
  readonly id: string | undefined
}

/** @throws `TTL_INVALID` for what is there and is no text */
export function addressOf(config: ConfigLike): Address {
  return {
    threadId: threadIdOf(config.configurable?.thread_id),
    ns: text(config.configurable?.checkpoint_ns, 'checkpoint_ns'),
    id: text(getCheckpointId(config as Parameters<typeof getCheckpointId>[0]) || undefined, 'checkpoint_id'),
  }
}

function threadIdOf(value: unknown): string | undefined {
  const threadId = text(value, 'thread_id')
  if (threadId === '') throw new TtlTypeError('TTL_INVALID', 'thread_id must have at least one character, got ""')
  return threadId
}

/** @throws `TTL_INVALID` when a write does not say where to */
export function required(value: string | undefined, name: 'thread_id' | 'checkpoint_id', operation: string): string {
  if (value !== undefined) return value
  throw new TtlTypeError(
    'TTL_INVALID',
    `${operation} needs { configurable: { ${name}: '…' } }, and got a config without it`,
  )
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new TtlTypeError(
    'TTL_INVALID',
    `${name} must be a string, got ${value === null ? 'null' : `a ${typeof value}`}; write String(value)`,
  )
}

/** The config that names a checkpoint. */
export function configOf(threadId: string, ns: string, id: string) {
  return { configurable: { thread_id: threadId, checkpoint_ns: ns, checkpoint_id: id } }
}
