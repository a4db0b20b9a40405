import { TtlError } from '@ttl/core'
import type { Classified } from '@ttl/core/adapter'

/** Replies of a server that did nothing, and that may do it later. */
const LATER = /^(?:READONLY|LOADING|OOM|BUSY|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|MISCONF|NOREPLICAS|MOVED|ASK|UNBLOCKED)\b/
/** What ioredis says when nothing was sent. */
const UNSENT =
  /^(?:Stream isn't writeable|Failed to refresh slots cache|None of startup nodes|Connection in subscriber mode)/
/** What ioredis and the socket say when a reply may have been lost. */
const LOST =
  /Connection is closed|Command timed out|Socket timeout|Command aborted|Reached the max retries|Too many Cluster redirections/
const NETWORK = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/

/** Classifies an error of ioredis or of the server. */
export function classify(error: unknown): Classified {
  if (!(error instanceof Error)) return { retryable: false }
  // A script's reply names the error first and the script after it.
  if (error.name === 'ReplyError') return { retryable: LATER.test(error.message) }
  if (UNSENT.test(error.message)) return { retryable: true }
  const code: unknown = (error as { code?: unknown }).code
  const lost =
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'AbortError' ||
    LOST.test(error.message) ||
    (typeof code === 'string' && NETWORK.test(code))
  return lost ? { retryable: true, outcome: 'unknown' } : { retryable: false }
}

/** What a script says about a value that this package did not write becomes the error that reading it would be. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Error && error.message.startsWith('TTLFOREIGN'))) return error
  return new TtlError(
    'TTL_CODEC',
    'what is stored under this key was not written by @ttl/redis; is the prefix shared?',
    {
      cause: error,
    },
  )
}

/** The replies to several keys, some of which may be errors. */
export function translatedAll(replies: unknown): unknown[] {
  return (replies as unknown[]).map((reply) => (reply instanceof Error ? translated(reply) : reply))
}

/** The same. @throws the first error among them */
export function checked<T>(replies: unknown): T[] {
  for (const reply of replies as unknown[]) if (reply instanceof Error) throw translated(reply)
  return replies as T[]
}
