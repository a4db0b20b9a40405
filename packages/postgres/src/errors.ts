import type { Classified } from '@ttl/core/adapter'

/** The server said that the statement did not happen, and that it may when it is made again. */
const AGAIN = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '55006', // object_in_use
  '57014', // query_canceled: also statement_timeout
  '57P03', // cannot_connect_now
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
])

/** The server ended the session; its last words may come after a commit whose reply is lost. */
const ENDED = new Set(['57P01', '57P02', '57P05'])

/** No connection was made, so nothing was sent. */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOENT',
])

/** The connection broke, at whatever moment. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ENOTCONN'])

/** Errors of pg that have no code. */
const POOL_TIMEOUT =
  /^timeout exceeded when trying to connect|^timeout expired$|Connection terminated due to connection timeout/
const LOST = /^Connection terminated|^Query read timeout|^write after end|socket has been ended|Connection ended/

const codeOf = (error: unknown): string => {
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/** A state that the server reports, which says nothing about the connection. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error)
  return /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|53|57P)/.test(code) && !BROKEN.has(code)
}

/** Whether the server undid a statement of its own accord, so that it can be made again at once. */
export const wasRolledBack = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error))

/** Whether a prepared statement is not known, or already, on a connection that should know better: it has changed hands. */
export const isForeignStatement = (error: unknown): boolean => ['26000', '42P05'].includes(codeOf(error))

/** Whether a table is not there, or not any more. */
export const isUndefinedTable = (error: unknown): boolean => codeOf(error) === '42P01'

/** Whether the server made no sense of a statement, whatever the rows. */
export const isMisspelt = (error: unknown): boolean => codeOf(error).startsWith('42') && codeOf(error) !== '42501'

/**
 * What is known about an error of the driver or the server.
 *
 * @param wrote whether the statement that failed was to change something
 */
export function classify(error: unknown, wrote: boolean): Classified {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : ''
  const lost: Classified = wrote ? { retryable: true, outcome: 'unknown' } : { retryable: true }
  // Several addresses of one host were tried.
  if (error instanceof AggregateError && error.errors.length > 0) return classify(error.errors[0], wrote)
  if (AGAIN.has(code) || UNREACHED.has(code) || POOL_TIMEOUT.test(message)) return { retryable: true }
  if (code === '08001' || code === '08004' || /^53(?!400)/.test(code)) return { retryable: true }
  if (ENDED.has(code) || BROKEN.has(code) || code.startsWith('08') || LOST.test(message)) return lost
  return { retryable: false }
}
