import type { Finding } from './growth/index.ts'
import type { Result } from './result.ts'
import type { BackendName } from './subject.ts'

/** What the project promises itself. */
export interface Target {
  readonly title: string
  readonly bound: 'least' | 'most'
  readonly limit: number
  /** `undefined`: the result does not tell. */
  measure(result: Measured): number | undefined
  /** What the bare driver reaches of the same. More is possible only where several operations become one. */
  driver?(result: Measured): number | undefined
}

type Measured = Pick<Result, 'rows' | 'growth'>

/** The rate of ours, divided by that of another. */
const on =
  (backend: BackendName, ours: string, driver: string) =>
  (other: string, workload: string, concurrency: number, limit: number): Target => {
    const ratio = ({ rows }: Measured, subject: string) =>
      rows.find(
        (row) =>
          row.backend === backend &&
          row.workload === workload &&
          row.concurrency === concurrency &&
          row.subject === subject,
      )?.ratios[other]
    return {
      title: `${ours} ${workload}, ${concurrency} in flight, × of ${other}`,
      bound: 'least',
      limit,
      measure: (result) => ratio(result, ours),
      driver: (result) => ratio(result, driver),
    }
  }

/** A figure of a study, or what becomes of it from one size to another. */
const grown = (title: string, limit: number, measure: (growth: readonly Finding[]) => number | undefined): Target => ({
  title,
  bound: 'most',
  limit,
  measure: ({ growth }) => measure(growth),
})

function figure(growth: readonly Finding[], name: string, wanted: Partial<Finding>): number | undefined {
  const same = (finding: Finding) =>
    Object.entries(wanted).every(([field, value]) => finding[field as keyof Finding] === value)
  return growth.find(same)?.figures[name]
}

const over = (above: number | undefined, below: number | undefined): number | undefined =>
  above === undefined || below === undefined ? undefined : above / below

const sqlite = on('sqlite', '@ttl/sqlite', 'better-sqlite3')
const redis = on('redis', '@ttl/redis', 'ioredis')
const redis5 = on('redis', '@ttl/redis on ioredis 5', 'ioredis 5')
const postgres = on('postgres', '@ttl/postgres', 'pg')

/** The same of both ioredis that are in use. */
const bothRedis = (workload: string, concurrency: number, least: number): Target[] => [
  redis('ioredis', workload, concurrency, least),
  redis5('ioredis 5', workload, concurrency, least),
]

export const TARGETS: readonly Target[] = [
  sqlite('better-sqlite3', 'get', 1, 0.85),
  sqlite('better-sqlite3', 'set', 1, 0.9),
  sqlite('better-sqlite3', 'getMany', 1, 0.9),
  sqlite('better-sqlite3', 'setMany', 1, 0.9),
  sqlite('better-sqlite3, deadline indexed', 'sliding-get', 1, 1.3),
  ...[1, 64].flatMap((inFlight) => [
    sqlite('Keyv + @keyv/sqlite', 'get', inFlight, 7),
    sqlite('Keyv + @keyv/sqlite', 'sliding-get', inFlight, 4),
  ]),
  ...bothRedis('get', 64, 1.7),
  ...bothRedis('set', 64, 1.1),
  ...bothRedis('get', 1, 0.9),
  ...bothRedis('set', 1, 0.9),
  ...bothRedis('sliding-get', 64, 1),
  ...bothRedis('group-touch', 64, 5),
  redis('Keyv + @keyv/redis', 'get', 64, 3),
  redis('Keyv + @keyv/redis', 'set', 64, 1.8),
  redis('Keyv + @keyv/redis', 'sliding-get', 64, 4),
  postgres('pg', 'get', 64, 4),
  postgres('pg', 'set', 64, 2),
  postgres('pg', 'sliding-get', 64, 3.5),
  postgres('pg', 'get', 1, 0.9),
  postgres('pg', 'set', 1, 0.9),
  postgres('pg', 'sliding-get', 1, 0.9),
  postgres('Keyv + @keyv/postgres', 'get', 64, 5),
  postgres('Keyv + @keyv/postgres', 'set', 64, 2.5),
  ...[10_000, 1_000_000].map((size) =>
    grown(`memory: µs of CPU of an awaited get (Zipf 0.99) without codec, ${size} entries`, 1, (growth) =>
      over(figure(growth, 'getZipfNs', { study: 'memory', subject: 'without codec', size }), 1_000),
    ),
  ),
  grown('memory: heap of an entry, × of lru-cache with ttl', 1.5, (growth) => {
    const bytes = (subject: string) => figure(growth, 'bytes', { study: 'memory', subject, size: 1_000_000 })
    return over(bytes('@ttl/core/memory'), bytes('lru-cache'))
  }),
  grown('core: µs that it adds to a hot get, await included', 1, (growth) =>
    over(figure(growth, 'ns', { study: 'core', variant: 'get' }), 1_000),
  ),
  ...(['sqlite', 'postgres'] as const).map((backend) =>
    grown(`@ttl/${backend}: get (Zipf 0.99) of 10 million entries, × of that of 10 thousand`, 1.5, (growth) => {
      const us = (size: number) =>
        figure(growth, 'getZipfUs', { study: 'entries', backend, subject: `@ttl/${backend}`, size })
      return over(us(10_000_000), us(10_000))
    }),
  ),
  ...(['sqlite', 'postgres'] as const).map((backend) =>
    grown(`@ttl/${backend}: sweep of 10 million, cost of a row, × of that of 100 thousand`, 1.25, (growth) => {
      const us = (size: number) => figure(growth, 'rowUs', { study: 'sweep', backend, size })
      return over(us(10_000_000), us(100_000))
    }),
  ),
]

export interface Verdict extends Target {
  readonly measured: number | undefined
  readonly met: boolean | undefined
}

export function judge(result: Measured): Verdict[] {
  return TARGETS.map((target) => {
    const measured = target.measure(result)
    const met =
      measured === undefined
        ? undefined
        : target.bound === 'least'
          ? measured >= target.limit
          : measured <= target.limit
    return { ...target, measured, met }
  })
}

export function targetTable(result: Measured): string {
  const lines = judge(result).map(({ met, title, bound, limit, measured }) => {
    const word = met === undefined ? 'not measured' : met ? 'met' : 'MISSED'
    return `${word.padEnd(12)} ${(measured?.toFixed(2) ?? '–').padStart(6)} ${bound === 'least' ? '≥' : '≤'} ${limit.toFixed(2)}  ${title}`
  })
  return ['', 'targets (medians of interleaved rounds)', ...lines].join('\n')
}
