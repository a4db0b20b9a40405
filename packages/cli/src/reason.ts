import { TtlError } from '@ttl/core'
import type { Secrets } from './secrets.ts'

/** What went wrong, for people: the innermost words there are, without secrets. */
export function reasonOf(error: unknown, secrets: Secrets): string {
  if (error instanceof TtlError) {
    const { cause, code, retryable } = error
    if (code !== 'TTL_BACKEND') return secrets.hide(error.message)
    const reason = cause === undefined ? secrets.hide(error.message) : reasonOf(cause, secrets)
    return retryable ? `${reason}; trying again may help` : reason
  }
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0], secrets)
  if (!(error instanceof Error)) return secrets.hideAll(String(error))
  const { code } = error as NodeJS.ErrnoException
  const message = secrets.hideAll(error.message) || error.name
  return typeof code !== 'string' || message.includes(code) ? message : `${message} (${code})`
}
