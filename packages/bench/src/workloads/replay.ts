import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeValue } from '../data.ts'
import { seeded, uniformPicks, zipfPicks } from '../random.ts'
import type { Workload } from './workload.ts'

/** Published parameters of production caches at Twitter, March 2020 (Yang, Yue, Rashmi; OSDI 2020). */
const TABLE = join(import.meta.dirname, '../../data/twitter-cache-2020Mar.csv')

/** With mixed times to live; with small ones; write-heavy. */
const CLUSTERS = [22, 25, 52, 11, 6, 7, 18, 19, 12, 15]

const OPERATIONS = 2 ** 16
const MOST_KEYS = 50_000
/** Times to live are divided by this, so that they run out while the replay runs. */
const HASTE = 1_000

export interface Cluster {
  readonly name: string
  readonly keyBytes: number
  readonly valueBytes: number
  /** How often a key is asked for on average: the share of different keys. */
  readonly frequency: number
  readonly alpha: number
  readonly ttls: readonly Share<number>[]
  readonly operations: readonly Share<string>[]
}

interface Share<T> {
  readonly what: T
  readonly share: number
}

/** Fields may be quoted, as they hold commas. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/("([^"]*)"|[^,]*)(?:,|$)/g)].map(([, whole = '', quoted]) => quoted ?? whole)
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function spanMs(text: string): number {
  const [, amount = '', unit = ''] = text.match(/^([\d.]+)([smhd])$/) ?? []
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN)
  if (!(ms > 0)) throw new Error(`${text} is not a time to live`)
  return ms
}

function sharesOf<T>(text: string, separator: RegExp, read: (name: string) => T): Share<T>[] {
  return text.split(separator).map((part) => {
    const [name = '', share = ''] = part.split(':')
    return { what: read(name.trim()), share: Number(share) }
  })
}

/** @throws when the table does not have what is asked for */
export function clusterOf(number: number, table = readFileSync(TABLE, 'utf8')): Cluster {
  const [head = '', ...lines] = table.trim().split('\n')
  const names = fieldsOf(head)
  const line = lines.map(fieldsOf).find(([name]) => name === `cluster${number}`)
  if (line === undefined) throw new Error(`the table has no cluster${number}`)
  const field = (name: string): string => line[names.indexOf(name)] ?? ''
  const cluster = {
    name: `cluster${number}`,
    keyBytes: Number(field('key_bytes')),
    valueBytes: Number(field('value_bytes')),
    frequency: Number(field('mean_frequency')),
    alpha: Number(field('zipf_alpha')),
    ttls: sharesOf(field('common_ttl'), /,\s*/, spanMs),
    operations: sharesOf(field('operations'), /\s+/, (name) => name),
  }
  for (const [name, value] of Object.entries(cluster))
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`cluster${number} has no ${name}`)
  return cluster
}

/** The shares need not add up to one: the table leaves out what is rare. */
function drawing<T>(shares: readonly Share<T>[], random: () => number): () => T {
  const total = shares.reduce((sum, { share }) => sum + share, 0)
  return () => {
    let left = random() * total
    for (const { what, share } of shares) {
      left -= share
      if (left < 0) return what
    }
    return (shares.at(-1) as Share<T>).what
  }
}

const READS = new Set(['get', 'gets'])

/** A made-up trace with the published sizes, mix, popularity and times to live. */
function traceOf(cluster: Cluster) {
  const random = seeded(22)
  const count = Math.min(MOST_KEYS, Math.max(1_000, Math.round(OPERATIONS / cluster.frequency)))
  const picks =
    cluster.alpha > 0 ? zipfPicks(count, OPERATIONS, cluster.alpha, random) : uniformPicks(count, OPERATIONS, random)
  const keys = Array.from({ length: count }, (_, index) => {
    const id = `${cluster.name}-${index.toString(36)}`
    return id.padEnd(cluster.keyBytes, '-')
  })
  const ttl = drawing(cluster.ttls, random)
  const operation = drawing(cluster.operations, random)
  return {
    keys: Array.from(picks, (pick) => keys[pick] as string),
    ttls: Array.from(picks, () => Math.max(1, Math.round(ttl() / HASTE))),
    operations: Array.from(picks, () => operation()),
    value: makeValue('', cluster.valueBytes),
  }
}

/** What writes only under a condition, or adds to a value, is a plain write here: not every subject can do more. */
function replayOf(number: number): Workload {
  let trace: ReturnType<typeof traceOf> | undefined
  const cluster = clusterOf(number)
  const mix = cluster.operations.map(({ what, share }) => `${Math.round(share * 100)} % ${what}`).join(', ')
  return {
    name: `replay-${number}`,
    title: `${cluster.name}: ${mix}; values of ${cluster.valueBytes} bytes`,
    part: 'entries',
    inFlight: [16],
    finestTtl: true,
    step({ entries }) {
      trace ??= traceOf(cluster)
      const { keys, ttls, operations, value } = trace
      return (index) => {
        const at = index % OPERATIONS
        const key = keys[at] as string
        const operation = operations[at] as string
        if (READS.has(operation)) return entries.get(key)
        return operation === 'delete' ? entries.delete(key) : entries.set(key, value, ttls[at] as number)
      }
    },
  }
}

export const replays: readonly Workload[] = CLUSTERS.map(replayOf)
