/** What must and what must not compile. Checked by `tsc -p tsconfig.test.json`, never run. */
import {
  after,
  at,
  type DurationInput,
  duration,
  earliest,
  epochMs,
  epochSeconds,
  fixed,
  hours,
  type InstantInput,
  instant,
  type Limits,
  maxAge,
  type Namespace,
  type NamespaceOptions,
  never,
  type PolicyInput,
  rolling,
  type SetOptions,
  seconds,
  sliding,
  TtlError,
  type TtlErrorCode,
} from '../src/index.ts'
import { manualClock } from '../src/testing.ts'

declare function policy(input: PolicyInput): void
declare function options(input: SetOptions): void
declare function limits(input: Limits): void
declare function layer(input: NamespaceOptions): void
declare function span(input: DurationInput): void
declare function moment(input: InstantInput): void
declare const sessions: Namespace<Session>
declare const text: string
declare const maybeText: string | undefined
declare const count: number
declare const temporalDuration: {
  readonly [Symbol.toStringTag]: 'Temporal.Duration'
  readonly years: number
  readonly months: number
  readonly weeks: number
  readonly days: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly milliseconds: number
  readonly microseconds: number
  readonly nanoseconds: number
}
declare const temporalInstant: { readonly epochMilliseconds: number; readonly epochNanoseconds: bigint }

interface Session {
  readonly user: string
}
const session: Session = { user: 'ada' }

export function mustCompile(): void {
  for (const literal of ['15m', '1h30m', '250ms', 'PT15M', 'P7D', 'P1DT12H', '1w2d', '1.5h'] as const) span(literal)
  span('1w2d3h4m5s6ms')
  span('P1W2DT3H4M5S')
  span('PT0.5S')
  span({ hours: 1, minutes: 30 })
  span({ hours: 1, minutes: undefined })
  span(temporalDuration)
  span(seconds(90))
  span(hours(1.5))
  span(duration(text))
  duration(text)
  duration({ minutes: 1 })
  duration(temporalDuration)

  moment('2026-12-31T23:59:59Z')
  moment('2026-12-31T23:59:59.999Z')
  moment('2026-12-31T23:59:59+02:00')
  moment('2026-12-31T23:59:59-02:30')
  moment('+012026-12-31T23:59:59Z')
  moment(new Date())
  moment(epochMs(count))
  moment(epochSeconds(count))
  moment(temporalInstant)
  moment(instant(text))
  instant(text)

  after('15m')
  maxAge({ days: 1 })
  at('2026-12-31T23:59:59Z')
  earliest(after('1h'), at(new Date()), maxAge('1d'), never)
  fixed('1h')
  rolling(earliest(after('1h'), maxAge('1d')))
  sliding('30m', { max: '12h' })
  sliding({ minutes: 30 }, { max: 'unbounded' })

  policy({})
  policy({ ttl: '15m' })
  policy({ ttl: undefined })
  policy({ ttl: never })
  policy({ ttl: '1h', expiresAt: undefined, lifetime: undefined })
  policy({ expiresAt: new Date() })
  policy({ expiresAt: '2026-12-31T23:59:59Z', ttl: undefined })
  policy({ lifetime: earliest(after('1h'), at(new Date())) })
  policy({ lifetime: never, restartOn: 'create' })
  policy({ restartOn: 'access', refreshAfter: 0.1, jitter: 0 })
  policy(fixed('1h'))
  policy(rolling('14d'))
  policy(sliding('30m', { max: '12h' }))
  policy({ ...sliding('30m', { max: '12h' }), refreshAfter: 0.1 })
  policy({ ttl: duration(maybeText ?? '30m') })

  options({ ttl: '2h', if: 'absent' })
  options({ expiry: 'keep' })
  options({ expiry: 'restart', if: 'present', jitter: 0.1 })
  limits({})
  limits({ max: '365d' })
  layer({ policy: sliding('30m', { max: '12h' }), limits: { max: '1d' } })
  void sessions.set('s1', session)
  void sessions.set('s1', session, { ttl: '2h' })
  void sessions.expire('s1', '10m')
  void sessions.expire('s1', never)
  manualClock().advance('1h')
  manualClock('2026-12-31T23:59:59Z').set(new Date())

  const codes: TtlErrorCode[] = ['TTL_INVALID', 'TTL_CONFLICT', 'TTL_LIMIT']
  const error: unknown = codes
  if (error instanceof TtlError) codes.push(error.code)
}

export function durationsThatMustNotCompile(): void {
  // @ts-expect-error a bare number has no unit
  span(60)
  // @ts-expect-error nor has a number in a variable
  span(count)
  // @ts-expect-error nor has its text
  span('60')
  // @ts-expect-error a bigint neither
  span(60n)
  // @ts-expect-error a plain string is read at run time: duration(text)
  span(text)
  // @ts-expect-error null means three things
  span(null)
  // @ts-expect-error undefined is no duration
  span(undefined)
  // @ts-expect-error a month has no fixed length
  span('1mo')
  // @ts-expect-error nor has a year
  span('1y')
  // @ts-expect-error an ISO month neither
  span('P1M')
  // @ts-expect-error nor an ISO year
  span('P1Y')
  // @ts-expect-error nothing
  span('')
  // @ts-expect-error no amount
  span('m')
  // @ts-expect-error no component
  span('P')
  // @ts-expect-error no component after T
  span('P1DT')
  // @ts-expect-error an ISO day is not a time
  span('PT1D')
  // @ts-expect-error from the largest unit to the smallest
  span('30m1h')
  // @ts-expect-error letters of ISO only after P
  span('15M')
  // @ts-expect-error no such unit
  span('15min')
  // @ts-expect-error no such unit either
  span('15 minutes')
  // @ts-expect-error a comma is no decimal point
  span('1,5h')
  // @ts-expect-error no such field
  span({ minute: 1 })
  // @ts-expect-error months are no field
  span({ months: 1 })
  // @ts-expect-error fields are numbers
  span({ minutes: '1' })
  // @ts-expect-error fields are not null
  span({ minutes: null })
  // @ts-expect-error a Date is an instant
  span(new Date())
  // @ts-expect-error an instant is no duration
  span(epochMs(1))
  // @ts-expect-error a lifetime is no duration
  span(after('1h'))
  // @ts-expect-error what only looks like a Duration was not checked
  span({ ms: 60 })
  // @ts-expect-error seconds of text
  seconds('90')
  // @ts-expect-error duration() takes no number either
  duration(60)
}

export function instantsThatMustNotCompile(): void {
  // @ts-expect-error no offset
  moment('2026-12-31T23:59:59')
  // @ts-expect-error no time, no offset
  moment('2026-12-31')
  // @ts-expect-error a space instead of T, no offset
  moment('2026-12-31 23:59:59')
  // @ts-expect-error an offset needs a colon
  moment('2026-12-31T23:59:59+0200')
  // @ts-expect-error seconds or milliseconds?
  moment(1_767_225_600)
  // @ts-expect-error seconds or milliseconds, as text
  moment('1767225600')
  // @ts-expect-error a plain string is read at run time: instant(text)
  moment(text)
  // @ts-expect-error null means three things
  moment(null)
  // @ts-expect-error undefined is no instant
  moment(undefined)
  // @ts-expect-error a duration is no instant
  moment('15m')
  // @ts-expect-error nor is a Duration
  moment(seconds(1))
  // @ts-expect-error never is no instant
  moment(never)
  // @ts-expect-error epochNanoseconds alone is not read
  moment({ epochNanoseconds: 1n })
  // @ts-expect-error epochMs of text
  epochMs('1')
  // @ts-expect-error epochSeconds of a Date
  epochSeconds(new Date())
  // @ts-expect-error instant() takes no number either
  instant(1_767_225_600)
}

export function policiesThatMustNotCompile(): void {
  // @ts-expect-error a bare number has no unit
  policy({ ttl: 60 })
  // @ts-expect-error nor has its text
  policy({ ttl: '60' })
  // @ts-expect-error a plain string is read at run time
  policy({ ttl: text })
  // @ts-expect-error of text that may be missing too
  policy({ ttl: maybeText })
  // @ts-expect-error null means three things: never, or leave it out
  policy({ ttl: null })
  // @ts-expect-error never is a word of its own, not text
  policy({ ttl: 'never' })
  // @ts-expect-error a month has no fixed length
  policy({ ttl: '1mo' })
  // @ts-expect-error a lifetime goes under lifetime
  policy({ ttl: after('1h') })
  // @ts-expect-error no offset
  policy({ expiresAt: '2026-12-31T23:59:59' })
  // @ts-expect-error null means three things
  policy({ expiresAt: null })
  // @ts-expect-error never is said by ttl
  policy({ expiresAt: never })
  // @ts-expect-error ttl and expiresAt exclude each other
  policy({ ttl: '1h', expiresAt: new Date() })
  // @ts-expect-error ttl and lifetime exclude each other
  policy({ ttl: '1h', lifetime: never })
  // @ts-expect-error expiresAt and lifetime exclude each other
  policy({ expiresAt: new Date(), lifetime: never })
  // @ts-expect-error never is a ttl as well
  policy({ ttl: never, expiresAt: new Date() })
  // @ts-expect-error a raw object would be immortal
  policy({ lifetime: {} })
  // @ts-expect-error nor one with its fields
  policy({ lifetime: { ttl: seconds(1), maxAge: undefined, expiresAt: undefined } })
  // @ts-expect-error a duration goes under ttl
  policy({ lifetime: '1h' })
  // @ts-expect-error null means three things
  policy({ lifetime: null })
  // @ts-expect-error a preset brings a lifetime, a ttl beside it is a second one
  policy({ ...rolling('1h'), ttl: '1h' })
  // @ts-expect-error no such mode
  policy({ restartOn: 'read' })
  // @ts-expect-error a fraction is a number
  policy({ jitter: '10%' })
  // @ts-expect-error no such option
  policy({ tll: '1h' })
  // @ts-expect-error a cap is maxAge('1h') under lifetime
  policy({ maxAge: '1h' })
  // @ts-expect-error a lifetime is no policy
  policy(after('1h'))
  // @ts-expect-error nor is a duration
  policy('15m')
  // @ts-expect-error null is no policy
  policy(null)
}

export function callsThatMustNotCompile(): void {
  // @ts-expect-error a cap is a conscious choice
  sliding('30m')
  // @ts-expect-error an empty one is none
  sliding('30m', {})
  // @ts-expect-error nor is undefined
  sliding('30m', { max: undefined })
  // @ts-expect-error without a cap is said out loud: 'unbounded'
  sliding('30m', { max: never })
  // @ts-expect-error no such word
  sliding('30m', { max: 'infinite' })
  // @ts-expect-error idle time is a duration
  sliding(1_800, { max: '12h' })
  // @ts-expect-error fixed(3600)
  fixed(3_600)
  // @ts-expect-error a preset takes no raw text
  rolling(text)
  // @ts-expect-error earliest of nothing
  earliest()
  // @ts-expect-error earliest takes lifetimes
  earliest('1h', '2h')
  // @ts-expect-error a limit is a duration
  limits({ max: never })
  // @ts-expect-error with a unit
  limits({ max: 90 })
  // @ts-expect-error there is no lower limit
  limits({ min: '1m' })
  // @ts-expect-error keep and a ttl exclude each other
  options({ expiry: 'keep', ttl: '1h' })
  // @ts-expect-error restart and a mode exclude each other
  options({ expiry: 'restart', restartOn: 'access' })
  // @ts-expect-error no such placement
  options({ expiry: 'extend' })
  // @ts-expect-error no such condition
  options({ if: 'missing' })
  // @ts-expect-error a ttl as third argument, as elsewhere
  void sessions.set('s1', session, 60)
  // @ts-expect-error nor as text
  void sessions.set('s1', session, '2h')
  // @ts-expect-error expire needs a lifetime
  void sessions.expire('s1', 60)
  // @ts-expect-error a clock advances by a duration
  manualClock().advance(1_000)
  // @ts-expect-error and is set to an instant
  manualClock().set(0)
  // @ts-expect-error no such code
  new TtlError('TTL_TIMEOUT', 'message')
}
