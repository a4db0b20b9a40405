import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_INSTANT_MS } from '../../src/timeline.ts'
import { instantMs } from './arbitrary.ts'
import { Instant, type Kernel, type Law } from './law.ts'

const two = (n: number): string => String(n).padStart(2, '0')
const inOneDay = 86_400_000

/** An instant written under an offset, and what it means. Far enough from the ends of time for any offset. */
const withOffset = fc
  .record({
    ms: fc.integer({ min: -MAX_INSTANT_MS + inOneDay, max: MAX_INSTANT_MS - inOneDay }),
    near: fc.boolean(),
    minutes: fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 }),
  })
  .map(({ ms: any, near, minutes }) => {
    const ms = near ? any % 4_102_444_800_000 : any
    const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1)
    const size = Math.abs(minutes)
    return { ms, local, offset: `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}` }
  })

function refuses({ toInstant }: Kernel, text: string): void {
  assert.throws(() => toInstant(text), { code: 'TTL_INVALID' }, text)
}

export const instantTextLaws: readonly Law[] = [
  {
    id: 'instant.round-trip',
    title: 'parse(format(t)) = t, also through Date and Temporal-like objects',
    why: 'Instants that travel through JSON or a command line stay the same millisecond.',
    holds: ({ toInstant, formatInstant, epochMs }) =>
      fc.assert(
        fc.property(instantMs, (ms) => {
          assert.equal(toInstant(formatInstant(Instant.of(ms))).epochMilliseconds, ms)
          assert.equal(toInstant(new Date(ms)).epochMilliseconds, ms)
          assert.equal(toInstant({ epochMilliseconds: ms }).epochMilliseconds, ms)
          assert.equal(epochMs(ms).epochMilliseconds, ms)
        }),
      ),
  },
  {
    id: 'instant.offset-exact',
    title: 'an offset shifts by exactly itself',
    why: '+02:00 is two hours before Z, to the millisecond, in every year.',
    holds: ({ toInstant }) =>
      fc.assert(
        fc.property(withOffset, ({ ms, local, offset }) => {
          assert.equal(toInstant(local + offset).epochMilliseconds, ms)
        }),
      ),
  },
  {
    id: 'instant.naive-refused',
    title: 'a date-time without Z or offset is refused',
    why: 'It means another instant on another machine.',
    holds: (kernel) =>
      fc.assert(
        fc.property(withOffset, ({ local }) => {
          refuses(kernel, local)
          refuses(kernel, local.replace('T', ' '))
          refuses(kernel, local.slice(0, local.indexOf('T')))
          assert.throws(() => kernel.toInstant(local), { name: 'TtlTypeError' })
        }),
      ),
  },
  {
    id: 'instant.nothing-else-parses',
    title: 'one letter away from the grammar is refused',
    why: 'Date.parse accepts what differs between engines; this does not.',
    holds: (kernel) =>
      fc.assert(
        fc.property(
          withOffset,
          fc.constantFrom<(local: string, offset: string) => string>(
            (local) => ` ${local}Z`,
            (local) => `${local}Z `,
            (local) => `${local}z`,
            (local) => `${local}ZZ`,
            (local) => `${local}GMT`,
            (local) => `${local}Z[UTC]`,
            (local, offset) => local.toLowerCase() + offset,
            (local, offset) => local + offset.replace(':', ''),
            (local, offset) => local + offset.slice(0, 3),
            (local, offset) => `${local}${offset}:00`,
            (local, offset) => local.replace('T', ' ') + offset,
            (local, offset) => local.replace('.', ',') + offset,
            (local, offset) => local.replace(/\.\d+$/, '.') + offset,
            (local, offset) => local.replace(/T.*$/, '') + offset,
            (local, offset) => local.replace(/T(..):.*$/, 'T$1') + offset,
            (local, offset) => local.replace(/-(\d\d)T/, '-$1 T') + offset,
            (local, offset) => local.replace(/^([+-]?)\d/, '$1') + offset,
            (local, offset) => local.replace(/^\+?(\d+)/, (_, year) => `+${year}`) + offset,
          ),
          ({ local, offset }, spoil) => {
            const text = spoil(local, offset)
            fc.pre(!/^[+-]\d{6}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text))
            refuses(kernel, text)
          },
        ),
        { numRuns: 400 },
      ),
  },
  {
    id: 'instant.calendar-checked',
    title: 'a day, hour, minute or second that does not exist is refused, every one that exists is read',
    why: 'February 30 rolled over to March 2 is a silent error.',
    holds: (kernel) =>
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 9_999 }),
          fc.nat(14),
          fc.oneof(fc.nat(33), fc.integer({ min: 28, max: 32 })),
          fc.nat(26),
          fc.nat(62),
          fc.nat(62),
          (...fields) => {
            const [year, month, day, hour, minute, second] = fields
            const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
            const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
            const exists = day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 59
            const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`
            if (exists) assert.equal(kernel.toInstant(text).epochMilliseconds, Date.parse(text), text)
            else refuses(kernel, text)
          },
        ),
        { numRuns: 1_000 },
      ),
  },
  {
    id: 'instant.rounds-up',
    title: 'a fraction of a millisecond rounds up, before 1970 as after',
    why: 'A deadline is never early.',
    holds: ({ toInstant, epochMs }) =>
      fc.assert(
        fc.property(
          fc.integer({ min: -62_000_000_000, max: 250_000_000_000 }),
          fc.stringMatching(/^[0-9]{1,9}$/),
          (second, digits) => {
            const text = `${new Date(second * 1_000).toISOString().slice(0, -5)}.${digits}Z`
            const scale = 10n ** BigInt(digits.length)
            const expected = BigInt(second) * 1_000n + (BigInt(digits) * 1_000n + scale - 1n) / scale
            assert.equal(toInstant(text).epochMilliseconds, Number(expected), text)
            assert.equal(epochMs(second + 0.25).epochMilliseconds, second + 1)
          },
        ),
      ),
  },
  {
    id: 'instant.epoch-seconds-exact',
    title: 'epochSeconds(n) is epochMs(1000 · n), for thousandths too',
    why: 'Ten digits or thirteen: the unit is said, not guessed, and nothing is lost.',
    holds: ({ epochSeconds, epochMs }) =>
      fc.assert(
        fc.property(fc.integer({ min: -100_000_000_000_000, max: 100_000_000_000_000 }), (ms) => {
          assert.equal(epochSeconds(ms / 1_000).epochMilliseconds, epochMs(ms).epochMilliseconds)
          const whole = Math.trunc(ms / 1_000)
          assert.equal(epochSeconds(whole).epochMilliseconds, whole * 1_000 + 0)
        }),
        { numRuns: 500 },
      ),
  },
  {
    id: 'instant.bounded',
    title:
      'an instant is a whole millisecond that Date can represent; anything beyond, and any bare number, is refused',
    why: 'What passes here can be stored and shown everywhere.',
    holds: ({ toInstant, epochMs }) =>
      fc.assert(
        fc.property(fc.double(), (number) => {
          assert.throws(() => toInstant(number), { name: 'TtlTypeError', code: 'TTL_INVALID' })
          if (Math.abs(Math.ceil(number)) <= MAX_INSTANT_MS) {
            const ms = epochMs(number).epochMilliseconds
            assert.ok(Number.isSafeInteger(ms) && !Object.is(ms, -0) && ms >= number && ms - 1 < number)
          } else {
            assert.throws(() => epochMs(number), { name: 'TtlRangeError', code: 'TTL_INVALID' })
            assert.throws(() => toInstant({ epochMilliseconds: number }), { name: 'TtlRangeError' })
          }
        }),
      ),
  },
]
