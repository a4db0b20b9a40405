/** What is measured: calls of ours beside bare ioredis that does the same by hand, in interleaved rounds. */
import { createStore, sliding } from '@ttl/core'
import { Redis } from 'ioredis'
import { redis } from '../src/index.ts'

const KEYS = 10_000
const HOUR = 3_600_000

type Call = (key: string) => Promise<unknown>

export interface Subject {
  readonly bare: Call
  readonly ours: Call
}

/** The subjects, on one server, with what they read. */
export async function subjects(url: string): Promise<{ all: Record<string, Subject>; bytes: number; close(): void }> {
  const [bare, client] = [new Redis(url), new Redis(url)]
  const store = createStore({ backend: redis(client) })
  const plain = store.namespace('plain', { policy: { ttl: '1h' } })
  const idle = store.namespace('idle', { policy: sliding('1h', { max: 'unbounded' }) })
  const capped = store.namespace('capped', { policy: sliding('1h', { max: '12h' }) })

  const value = { id: 'user-000000', roles: ['admin', 'editor'], text: '' }
  value.text = 'x'.repeat(256 - JSON.stringify(value).length)
  const text = JSON.stringify(value)

  const get: Call = async (key) => JSON.parse((await bare.get(`bare:${key}`)) ?? 'null')
  const getex: Call = async (key) => JSON.parse((await bare.getex(`bare:${key}`, 'PX', HOUR)) ?? 'null')
  const set: Call = (key) => bare.set(`bare:${key}`, JSON.stringify(value), 'PX', HOUR)
  const all: Record<string, Subject> = {
    set: { bare: set, ours: (key) => plain.set(key, value) },
    'set of text that is JSON already (ours encodes)': {
      bare: (key) => bare.set(`bare:${key}`, text, 'PX', HOUR),
      ours: (key) => plain.set(key, value),
    },
    get: { bare: get, ours: (key) => plain.get(key) },
    'get of text (ours parses)': { bare: (key) => bare.get(`bare:${key}`), ours: (key) => plain.get(key) },
    'sliding get, × of GETEX': { bare: getex, ours: (key) => idle.get(key) },
    'sliding get with a cap, × of GETEX': { bare: getex, ours: (key) => capped.get(key) },
    'sliding get of text (ours parses), × of GETEX': {
      bare: (key) => bare.getex(`bare:${key}`, 'PX', HOUR),
      ours: (key) => idle.get(key),
    },
    'set with a cap, × of SET PX': { bare: set, ours: (key) => capped.set(key, value) },
  }
  await Promise.all(
    Array.from({ length: KEYS }, (_, i) => `user:${i}`).flatMap((key) => [
      set(key),
      plain.set(key, value),
      idle.set(key, value),
      capped.set(key, value),
    ]),
  )
  const close = () => {
    for (const each of [bare, client]) each.disconnect()
  }
  return { all, bytes: text.length, close }
}

/** Rounds of both, one after the other in turn, and the medians so far. */
export class Comparison {
  readonly #subject: Subject
  readonly #inFlight: number
  readonly #operations: number
  readonly #bare: number[] = []
  readonly #ours: number[] = []

  constructor(subject: Subject, inFlight: number, operations: number) {
    this.#subject = subject
    this.#inFlight = inFlight
    this.#operations = operations
  }

  async rounds(count: number): Promise<void> {
    if (this.#bare.length === 0) for (const call of Object.values(this.#subject)) await this.#speed(call)
    for (let round = 0; round < count; round++) {
      const both = [
        [this.#bare, this.#subject.bare],
        [this.#ours, this.#subject.ours],
      ] as const
      for (const [list, call] of round % 2 === 0 ? both : both.toReversed()) list.push(await this.#speed(call))
    }
  }

  /** How many rounds there have been. */
  get count(): number {
    return this.#ours.length
  }

  /** Operations a second. */
  get medians(): { readonly bare: number; readonly ours: number; readonly ratio: number } {
    const [bare, ours] = [median(this.#bare), median(this.#ours)]
    return { bare, ours, ratio: ours / bare }
  }

  async #speed(call: Call): Promise<number> {
    const count = this.#operations
    let next = 0
    const worker = async () => {
      while (next < count) await call(`user:${next++ % KEYS}`)
    }
    const begun = performance.now()
    await Promise.all(Array.from({ length: this.#inFlight }, worker))
    return (count / (performance.now() - begun)) * 1_000
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
