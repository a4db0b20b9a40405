import { type Instant, instant } from '@ttl/core'

/** What the replay needs to know of one request. */
export interface LogLine {
  /** The client: an IPv4 or IPv6 address, or a host name. */
  readonly address: string
  readonly at: Instant
  /** The offset that the server wrote: `'+0100'`. */
  readonly zone: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `host ident user [time] "request" status size`, then anything: the Combined Log Format adds referer and user agent.
 * A user name may contain spaces, even something that looks like a time; servers escape quotes in what clients send, so the
 * time is what stands before the first quote. The request may contain quotes all the same.
 */
const LINE =
  /^(?<address>\S{1,255}) \S+ [^"]*\[(?<day>\d\d)\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<time>\d\d:\d\d:\d\d) (?<zone>[+-]\d{4})\] ".*" (?:\d{3}|-) (?:\d+|-)(?: |$)/s

/** Reads a line of a web access log; `undefined` when it is not one. */
export function parseLogLine(line: string): LogLine | undefined {
  const parts = LINE.exec(line)?.groups
  if (parts === undefined) return undefined
  const { address = '', day, month = '', year, time, zone = '' } = parts
  const monthOfYear = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  try {
    return { address, at: instant(`${year}-${monthOfYear}-${day}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`), zone }
  } catch {
    // 31 February, 25 o'clock, a month that no calendar knows.
    return undefined
  }
}
