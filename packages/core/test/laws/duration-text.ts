import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_DURATION_MS } from '../../src/duration.ts'
import { spanMs } from './arbitrary.ts'
import { Duration, type Kernel, type Law } from './law.ts'

const UNITS = [
  ['w', 604_800_000n],
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1_000n],
  ['ms', 1n],
] as const

const ceil = (numerator: bigint, denominator: bigint): bigint => (numerator + denominator - 1n) / denominator

interface Amount {
  readonly whole: number
  readonly fraction: string
}

const amount: fc.Arbitrary<Amount> = fc.record({
  whole: fc.oneof(fc.nat(100), fc.nat(1_000_000)),
  fraction: fc.oneof(
    fc.constant(''),
    fc.stringMatching(/^[0-9]{1,12}$/),
    fc.constantFrom('1', '9', '001', '000000001'),
  ),
})

/** Text of the grammar with its exact value: of several units only the last has a fraction. */
const written = (indices: fc.Arbitrary<number[]>, join: (parts: readonly (readonly [string, number])[]) => string) =>
  fc.tuple(indices, fc.array(amount, { minLength: 6, maxLength: 6 })).map(([chosen, amounts]) => {
    const sorted = [...chosen].sort()
    let [numerator, denominator] = [0n, 1n]
    const parts = sorted.map((index, position) => {
      const { whole, fraction: digits } = amounts[index] as Amount
      const fraction = position === sorted.length - 1 ? digits : ''
      const scale = 10n ** BigInt(fraction.length)
      numerator = numerator * scale + BigInt(whole + fraction) * UNITS[index]![1] * denominator
      denominator *= scale
      return [`${whole}${fraction === '' ? '' : `.${fraction}`}`, index] as const
    })
    return { text: join(parts), ms: ceil(numerator, denominator) }
  })

const chosen = (of: readonly number[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: of.length })
const short = written(chosen([0, 1, 2, 3, 4, 5]), (parts) =>
  parts.map(([n, unit]) => `${n}${UNITS[unit]![0]}`).join(''),
)
const iso = written(chosen([0, 1, 2, 3, 4]), (parts) => {
  const text = (from: number, to: number) =>
    parts.flatMap(([n, unit]) => (unit >= from && unit <= to ? [`${n}${UNITS[unit]![0].toUpperCase()}`] : [])).join('')
  return `P${text(0, 1)}${text(2, 4) === '' ? '' : `T${text(2, 4)}`}`
})

function reads({ toDuration }: Kernel, text: string, ms: bigint): void {
  if (ms >= 1n && ms <= BigInt(MAX_DURATION_MS)) assert.equal(toDuration(text).ms, Number(ms), text)
  else assert.throws(() => toDuration(text), { name: 'TtlRangeError', code: 'TTL_INVALID' }, text)
}

/** The grammar once more, as a recogniser that shares nothing with the parser. */
function inGrammar(text: string): boolean {
  const tokens = (rest: string, units: readonly string[]): boolean => {
    let [from, last] = [0, false]
    let left = rest
    while (left !== '') {
      const number = /^[0-9]+(\.[0-9]+)?/.exec(left)
      if (number === null || last) return false
      left = left.slice(number[0].length)
      const letters = /^[A-Za-z]+?(?=[0-9]|$)/.exec(left)?.[0] ?? ''
      const index = units.indexOf(letters, from)
      if (index === -1) return false
      from = index + 1
      last = number[1] !== undefined
      left = left.slice(letters.length)
    }
    return true
  }
  if (text.length > 100) return false
  if (!text.startsWith('P')) return text !== '' && tokens(text, ['w', 'd', 'h', 'm', 's', 'ms'])
  const [date = '', time, more] = text.slice(1).split('T')
  if (more !== undefined || (date === '' && time === undefined) || time === '') return false
  if (time !== undefined && /\./.test(date)) return false
  return tokens(date, ['W', 'D']) && (time === undefined || tokens(time, ['H', 'M', 'S']))
}

const soup = fc
  .array(
    fc.constantFrom(
      ...['P', 'T', 'w', 'd', 'h', 'm', 's', 'ms', 'W', 'D', 'H', 'M', 'S', 'Y', 'mo', 'y', 'µs', 'min'],
      ...['0', '1', '7', '30', '.', '.5', ',5', '-', '+', ' ', 'e3', '_', '٣', '１', '\n', 'Z', '0x1'],
    ),
    { minLength: 1, maxLength: 7 },
  )
  .map((pieces) => pieces.join(''))

/** One edit away from text of the grammar. */
const nearMiss = fc
  .tuple(
    fc.oneof(short, iso),
    fc.nat(),
    fc.constantFrom('delete', 'double', 'swap', 'insert', 'case'),
    fc.constantFrom(...' .-+,eTPmYo0'),
  )
  .map(([{ text }, at, edit, letter]) => {
    const chars = [...text]
    const index = at % chars.length
    const char = chars[index] as string
    if (edit === 'delete') chars.splice(index, 1)
    else if (edit === 'double') chars.splice(index, 0, char)
    else if (edit === 'swap') chars.splice(index, 2, ...chars.slice(index, index + 2).reverse())
    else if (edit === 'insert') chars.splice(index, 0, letter)
    else chars[index] = char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()
    return chars.join('')
  })

function parses({ toDuration }: Kernel, text: string): boolean {
  try {
    toDuration(text)
    return true
  } catch (error) {
    assert.equal((error as { code?: unknown }).code, 'TTL_INVALID')
    // In the grammar but out of bounds.
    return (error as Error).name === 'TtlRangeError'
  }
}

const field = fc.oneof(
  fc.nat(1_000),
  fc.double({ min: 0, max: 1_000, noNaN: true }),
  fc.double({ min: 0, max: 1e-5, noNaN: true }),
  fc.constantFrom(0.1, 0.3, 1.1, 0.0005, 0.5, 5e-7, 6.25e-7),
)

/** The shortest decimal text of a double, as a fraction of whole numbers. */
function exactly(value: number): readonly [bigint, bigint] {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const power = Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  return power >= 0 ? [digits * 10n ** BigInt(power), 1n] : [digits, 10n ** BigInt(-power)]
}

export const durationTextLaws: readonly Law[] = [
  {
    id: 'duration.round-trip',
    title: 'parse(format(d)) = d',
    why: 'What is logged, shown by the CLI or put into JSON can be configured again.',
    holds: ({ toDuration, formatDuration }) =>
      fc.assert(
        fc.property(spanMs, (ms) => {
          assert.equal(toDuration(formatDuration(Duration.of(ms))).ms, ms)
          assert.equal(toDuration(Duration.of(ms)).ms, ms)
        }),
      ),
  },
  {
    id: 'duration.short-text-exact',
    title: 'units w d h m s ms, largest first, mean the exact sum, rounded up once',
    why: 'Never early, never zero, and no binary fraction decides.',
    holds: (kernel) =>
      fc.assert(
        fc.property(short, ({ text, ms }) => reads(kernel, text, ms)),
        { numRuns: 300 },
      ),
  },
  {
    id: 'duration.iso-text-exact',
    title: 'ISO 8601 durations of weeks, days, hours, minutes and seconds mean the same',
    why: 'PT15M and 15m are one duration.',
    holds: (kernel) =>
      fc.assert(
        fc.property(iso, ({ text, ms }) => reads(kernel, text, ms)),
        { numRuns: 300 },
      ),
  },
  {
    id: 'duration.nothing-else-parses',
    title: 'text outside the grammar is refused, be it one letter away',
    why: 'A guess about a unit is how ten minutes become ten days.',
    holds: (kernel) =>
      fc.assert(
        fc.property(fc.oneof(soup, nearMiss, nearMiss, fc.string()), (text) => {
          assert.equal(parses(kernel, text), inGrammar(text), JSON.stringify(text))
        }),
        { numRuns: 1_000 },
      ),
  },
  {
    id: 'duration.calendar-units-refused',
    title: 'months and years are refused in every spelling',
    why: 'They have no fixed length; 1mo must not be read as one minute.',
    holds: ({ toDuration }) =>
      fc.assert(
        fc.property(
          fc.nat(100),
          fc.constantFrom('mo', 'mon', 'month', 'months', 'M', 'y', 'yr', 'year', 'years', 'Y'),
          (n, unit) => {
            for (const text of [
              `${n}${unit}`,
              `P${n}${unit.toUpperCase()}`,
              `1d${n}${unit}`,
              `P${n}YT1S`,
              `P${n}M1D`,
            ]) {
              assert.throws(() => toDuration(text), { name: 'TtlTypeError', code: 'TTL_INVALID' }, text)
            }
          },
        ),
      ),
  },
  {
    id: 'duration.numbers-refused',
    title: 'a bare number is refused, as a number, a bigint and as text',
    why: 'The field mixes milliseconds, seconds and minutes: the commonest bug of all.',
    holds: ({ toDuration }) =>
      fc.assert(
        fc.property(fc.oneof(fc.integer(), fc.double(), fc.bigInt()), (number) => {
          assert.throws(() => toDuration(number), { name: 'TtlTypeError', code: 'TTL_INVALID' })
          assert.throws(() => toDuration(String(number)), { name: 'TtlTypeError', code: 'TTL_INVALID' })
        }),
      ),
  },
  {
    id: 'duration.fields-exact',
    title: 'fields mean the exact sum of their decimal values, rounded up once',
    why: 'seconds(1.1) is 1100 ms, and halves of two fields make a whole.',
    holds: ({ toDuration, seconds, milliseconds }) =>
      fc.assert(
        fc.property(field, field, field, (hours, secs, millis) => {
          const [h, s, m] = [exactly(hours), exactly(secs), exactly(millis)]
          const numerator = h[0] * 3_600_000n * s[1] * m[1] + s[0] * 1_000n * h[1] * m[1] + m[0] * h[1] * s[1]
          const ms = ceil(numerator, h[1] * s[1] * m[1])
          fc.pre(ms > 0n)
          assert.equal(toDuration({ hours, seconds: secs, milliseconds: millis }).ms, Number(ms))
          if (s[0] > 0n) assert.equal(seconds(secs).ms, Number(ceil(s[0] * 1_000n, s[1])))
          if (m[0] > 0n) assert.equal(milliseconds(millis).ms, Number(ceil(m[0], m[1])))
        }),
        { numRuns: 300 },
      ),
  },
  {
    id: 'duration.bounded',
    title: 'every accepted duration is a whole number of milliseconds from 1 to 100 years',
    why: 'Backends need no checks of their own; more than 100 years is a unit mistake or wants never.',
    holds: ({ toDuration, milliseconds }) =>
      fc.assert(
        fc.property(fc.oneof(fc.double({ noNaN: true }), fc.double({ min: 0, max: 1e14, noNaN: true })), (amount) => {
          if (amount > 0 && amount <= MAX_DURATION_MS) {
            const { ms } = milliseconds(amount)
            assert.ok(Number.isSafeInteger(ms) && ms >= 1 && ms >= amount && ms - 1 < amount)
          } else {
            assert.throws(() => milliseconds(amount), { name: 'TtlRangeError', code: 'TTL_INVALID' })
            assert.throws(() => toDuration({ days: amount }), { name: 'TtlRangeError', code: 'TTL_INVALID' })
          }
        }),
      ),
  },
]
