import type { Result } from './result.ts'
import type { BackendName } from './subject.ts'

/** What the project promises itself: the rate of ours divided by that of another, at least. */
interface Target {
  readonly backend: BackendName
  readonly workload: string
  readonly concurrency: number
  readonly ours: string
  readonly other: string
  readonly least: number
}

const on =
  (backend: BackendName, ours: string) =>
  (other: string, workload: string, concurrency: number, least: number): Target => ({
    backend,
    ours,
    other,
    workload,
    concurrency,
    least,
  })

const sqlite = on('sqlite', '@ttl/sqlite')
const redis = on('redis', '@ttl/redis')
const redis5 = on('redis', '@ttl/redis on ioredis 5')
const postgres = on('postgres', '@ttl/postgres')

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
  sqlite('Keyv + @keyv/sqlite', 'get', 1, 7),
  sqlite('Keyv + @keyv/sqlite', 'sliding-get', 1, 4),
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
]

export interface Verdict extends Target {
  /** `undefined`: not measured. */
  readonly measured: number | undefined
  readonly met: boolean | undefined
}

export function judge({ rows }: Pick<Result, 'rows'>): Verdict[] {
  return TARGETS.map((target) => {
    const row = rows.find(
      ({ backend, subject, workload, concurrency }) =>
        backend === target.backend &&
        subject === target.ours &&
        workload === target.workload &&
        concurrency === target.concurrency,
    )
    const measured = row?.ratios[target.other]
    return { ...target, measured, met: measured === undefined ? undefined : measured >= target.least }
  })
}

export function targetTable(result: Pick<Result, 'rows'>): string {
  const lines = judge(result).map(({ met, ours, other, workload, concurrency, least, measured }) => {
    const word = met === undefined ? 'not measured' : met ? 'met' : 'MISSED'
    return `${word.padEnd(12)}  ${(measured?.toFixed(2) ?? '–').padStart(6)}  ≥ ${least.toFixed(2)}  ${ours} ${workload}, ${concurrency} in flight, × of ${other}`
  })
  return ['', 'targets (median ratio of interleaved rounds)', ...lines].join('\n')
}
