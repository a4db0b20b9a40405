/** A made-up day of traffic. The same seed gives the same lines. */
export interface DayOptions {
  readonly seed: number
  /** How many requests; the few malformed lines between them come on top. */
  readonly requests: number
}

interface Hit {
  /** Seconds since midnight. */
  readonly at: number
  readonly address: string
  readonly path: string
  readonly agent: string
}

const MIDNIGHT = Date.UTC(2026, 2, 10)
const DAY = 86_400

/** How busy people are, hour by hour. */
const RHYTHM = [6, 4, 2, 1, 1, 2, 5, 11, 18, 24, 27, 27, 24, 25, 27, 26, 24, 21, 19, 21, 24, 22, 16, 10]

const PAGES = [
  '/',
  '/',
  '/articles/expiry',
  '/articles/caches',
  '/docs',
  '/docs/install',
  '/docs/policies',
  '/about',
  '/search?q=ttl',
  '/feed',
]
const ASSETS = ['/style.css', '/app.js', '/logo.svg']
const PEOPLE = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'Mozilla/5.0 (compatible; \\"quoted\\")',
]
const NOISE = [
  '',
  '-- log rotated --',
  '2001:db8::bad - - [10/Mar/2026:',
  'AH00558: could not determine the server name',
  '10.0.0.1 - - [31/Feb/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1',
]

/** Lines of an access log in the Combined Log Format, in the order in which a server would have written them. */
export function* generateDay({ seed, requests }: DayOptions): Generator<string, void, undefined> {
  const random = randomFrom(seed)
  const hits = [...machines(random)]
  const readers = people(random, Math.ceil(requests / 6))
  const target = Math.max(requests, hits.length + Math.ceil(requests / 2))
  while (hits.length < target) hits.push(...readers())
  hits.sort((a, b) => a.at - b.at)
  for (const hit of delaySome(random, hits.slice(0, requests))) {
    if (random() < 0.0015) yield pick(random, NOISE)
    yield format(random, hit)
  }
}

/** Those who never sleep. */
function* machines(random: Random): Generator<Hit> {
  const steady = (
    address: string,
    agent: string,
    path: string,
    from: number,
    to: number,
    every: () => number,
  ): Hit[] => {
    const hits: Hit[] = []
    for (let at = from; at < to; at += every()) hits.push({ at: Math.floor(at), address, agent, path })
    return hits
  }
  // Every five minutes, all day: only a cap ever ends this session.
  yield* steady('198.51.100.7', 'uptime-probe/3.1', '/health', 12, DAY, () => 290 + random() * 20)
  // Every thirty minutes to the second: with an idle time of 30 minutes each request comes exactly at the deadline.
  yield* steady('feeds.example.net', 'FeedFetcher/1.0', '/feed', 95, DAY, () => 1_800)
  // A crawler in a hurry, at night.
  yield* steady(
    '2001:db8:66:249::42',
    'ExampleBot/2.1 (+https://bot.example/)',
    '/docs',
    11_400,
    12_300,
    () => 1 + random() * 4,
  )
  // Dashboards that somebody left open.
  yield* steady('10.20.0.15', PEOPLE[0] as string, '/dashboard', 8.9 * 3_600, 17.6 * 3_600, () => 150 + random() * 60)
  yield* steady('10.20.0.31', PEOPLE[1] as string, '/dashboard', 7.5 * 3_600, 22.4 * 3_600, () => 170 + random() * 60)
}

/** Visits of people: they arrive by the hour of the day, read, pause, and some come back later. */
function people(random: Random, many: number): () => Hit[] {
  const addresses = Array.from({ length: many }, () => (random() < 0.25 ? ipv6(random) : ipv4(random)))
  const total = RHYTHM.reduce((sum, weight) => sum + weight, 0)
  const arrival = () => {
    // Linked from a front page, shortly after two: a steep rise that takes an hour to fade.
    if (random() < 0.12) return 14.1 * 3_600 + exponential(random, 1_200)
    let ticket = random() * total
    let hour = 0
    for (; ticket >= (RHYTHM[hour] ?? total); hour++) ticket -= RHYTHM[hour] ?? 0
    return (hour + random()) * 3_600
  }
  return () => {
    const address = pick(random, addresses)
    const agent = pick(random, PEOPLE)
    const pages = random() < 0.35 ? 1 : 1 + Math.ceil(exponential(random, 4))
    const hits: Hit[] = []
    let at = arrival()
    for (let page = 0; page < pages && at < DAY; page++) {
      hits.push({ at: Math.floor(at), address, agent, path: pick(random, PAGES) })
      for (const path of page === 0 ? ASSETS : []) {
        if (random() < 0.4) hits.push({ at: Math.floor(Math.min(at + random() * 2, DAY - 1)), address, agent, path })
      }
      // Mostly a minute or two of reading; now and then lunch.
      at += random() < 0.07 ? 600 + exponential(random, 1_500) : 5 + exponential(random, 80)
    }
    return hits
  }
}

/** A server writes a line when the answer is sent, with the time at which the request came: slow ones end up late. */
function delaySome(random: Random, hits: Hit[]): Hit[] {
  for (let index = 0; index < hits.length; index++) {
    if (random() >= 0.004) continue
    const window = hits.slice(index, index + 3 + Math.floor(random() * 6))
    for (const [shift, hit] of [...window.slice(1), ...window.slice(0, 1)].entries()) hits[index + shift] = hit
    index += window.length
  }
  return hits
}

function format(random: Random, { at, address, path, agent }: Hit): string {
  const [, day, month, year, time] = new Date(MIDNIGHT + at * 1_000).toUTCString().split(' ')
  const size = Math.floor(300 + random() * 40_000)
  return `${address} - - [${day}/${month}/${year}:${time} +0000] "GET ${path} HTTP/1.1" 200 ${size} "-" "${agent}"`
}

type Random = () => number

/** mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random())
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
const octet = (random: Random): number => Math.floor(random() * 254) + 1
const ipv4 = (random: Random): string => `10.${octet(random)}.${octet(random)}.${octet(random)}`
const ipv6 = (random: Random): string =>
  `2001:db8:${Math.floor(random() * 65_536).toString(16)}::${octet(random).toString(16)}`
