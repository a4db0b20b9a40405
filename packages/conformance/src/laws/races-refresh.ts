import { setImmediate } from 'node:timers/promises'
import { sliding } from '@ttl/core'
import { equal, given, names, same } from '../expect.ts'
import type { Law } from '../law.ts'

/** How many keys each race is run for, and by how many connections. */
const KEYS = 60
const RACERS = 4

/** Gives way so many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate()
}

export const refreshRaceLaws: readonly Law[] = [
  {
    id: 'race.read-against-write',
    heavy: true,
    title: 'a read of what is expired never removes what another writes at that moment',
    why: 'Delete on read without a deadline guard: 300 of 300 acknowledged writes lost in three libraries.',
    async run(c) {
      const [a, b] = (await c.connections(2)).map((on) =>
        c.ns<string>(sliding(c.t.span(10_000), { max: 'unbounded' }), { on }),
      )
      const [reader, writer] = [given(a), given(b)]
      const keys = names(KEYS)
      await writer.setMany(keys.map((key) => [key, 'old'] as const))
      await c.t.after(10_000)
      await Promise.all(
        keys.flatMap((key, index) => {
          const write = () => writer.set(key, 'fresh', { ttl: '1h' })
          const reads = [
            () => reader.get(key),
            () => reader.getMany([key]),
            () => reader.has(key),
            () => reader.getEntry(key),
            () => reader.touch(key),
          ]
          const calls: (() => Promise<unknown>)[] = [...reads]
          calls.splice(index % (reads.length + 1), 0, write)
          return calls.map((call) => call())
        }),
      )
      const found = await reader.getMany(keys)
      same(
        keys.filter((key) => found.get(key) !== 'fresh'),
        [],
      )
    },
  },
  {
    id: 'race.sweep-against-write',
    heavy: true,
    title: 'a sweep never removes what is written at that moment over what it came for',
    why: 'Select, then delete by key: the row in between is another one.',
    async run(c) {
      const [a, b] = await c.connections(2)
      const writer = c.ns<string>({ ttl: c.t.span(10_000) }, { on: given(b) })
      const keys = names(KEYS)
      await writer.setMany(keys.map((key) => [key, 'old'] as const))
      await c.t.after(10_000)
      const sweeper = async (on: typeof a, limit?: number) => {
        for (let round = 0; round < 6; round++) await c.sweep(writer, limit, given(on))
      }
      await Promise.all([
        sweeper(a, 3),
        sweeper(b),
        ...keys.map(async (key, index) => {
          await turns(index % 10)
          await writer.set(key, 'fresh', { ttl: '1h' })
        }),
      ])
      await c.sweep(writer)
      equal((await writer.getMany(keys)).size, KEYS)
    },
  },
  {
    id: 'race.sweep-against-refresh',
    heavy: true,
    title: 'what is refreshed in time survives every sweep that runs at that moment',
    why: 'DELETE … WHERE id IN (SELECT …) lost 156 of 775 refreshes in a widely used form.',
    async run(c) {
      const [a, b] = await c.connections(2)
      const ns = c.ns<number>(sliding(c.t.span(20_000), { max: 'unbounded' }), { on: given(b) })
      const keys = names(KEYS)
      await ns.setMany(keys.map((key) => [key, 1] as const))
      await c.t.at(10_000)
      await Promise.all([...keys.map((key) => ns.get(key)), c.sweep(ns, undefined, given(a)), ns.getMany(keys)])
      await c.t.after(20_000)
      const [, , ...touched] = await Promise.all([
        c.sweep(ns, undefined, given(a)),
        c.sweep(ns, 5, given(b)),
        ...keys.map((key, index) => (index % 2 === 0 ? ns.touch(key) : ns.get(key))),
        c.sweep(ns, undefined, given(a)),
      ])
      same(
        touched.slice(0, KEYS).filter((answer) => answer !== true && answer !== 1),
        [],
      )
      await c.t.after(30_000)
      await c.sweep(ns)
      equal((await ns.getMany(keys)).size, KEYS)
    },
  },
  {
    id: 'race.read-against-overwrite',
    heavy: true,
    title: 'a read that slides changes nothing about what is written at that moment',
    why: 'A refresh that carries the old window to the new entry.',
    async run(c) {
      const [a, b] = (await c.connections(2)).map((on) =>
        c.ns<string>(sliding(c.t.span(90_000), { max: 'unbounded' }), { on }),
      )
      const [reader, writer] = [given(a), given(b)]
      const keys = names(KEYS)
      await writer.setMany(keys.map((key) => [key, 'old'] as const))
      await c.t.at(10_000)
      const options = { ttl: c.t.span(30_000), restartOn: 'write' } as const
      await Promise.all(
        keys.flatMap((key) => [
          reader.get(key),
          writer.set(key, 'new', options),
          reader.get(key),
          reader.getMany([key]),
        ]),
      )
      const readings = await c.backend.inspect('entry', writer.name, keys)
      for (const reading of readings) c.t.is(given(reading).expiresAt, 40_000)
    },
  },
  {
    id: 'race.reads-agree',
    title: 'reads and touches of one entry at once leave the deadline that each of them alone would have left',
    why: 'Two refreshes that overtake each other must not shorten, add up or fail.',
    heavy: true,
    async run(c) {
      const spaces = (await c.connections(RACERS)).map((on) =>
        c.ns<number>(sliding(c.t.span(30_000), { max: 'unbounded' }), { on }),
      )
      const keys = names(20)
      await given(spaces[0]).setMany(keys.map((key) => [key, 1] as const))
      await c.t.at(10_000)
      const answers = await Promise.all(
        keys.flatMap((key) => spaces.flatMap((ns) => [ns.get(key), ns.touch(key), ns.getMany([key])])),
      )
      equal(answers.filter((answer) => answer === undefined || answer === false).length, 0)
      const readings = await c.backend.inspect('entry', given(spaces[0]).name, keys)
      for (const reading of readings) c.t.is(given(reading).expiresAt, 40_000)
    },
  },
  {
    id: 'race.read-against-persist',
    heavy: true,
    title: 'a read that slides does not undo a pin that is set at that moment',
    why: 'Read, compute, write back: the pin was set in between.',
    async run(c) {
      const [a, b] = (await c.connections(2)).map((on) =>
        c.ns<number>(sliding(c.t.span(90_000), { max: 'unbounded' }), { on }),
      )
      const [reader, pinner] = [given(a), given(b)]
      const keys = names(KEYS)
      await pinner.setMany(keys.map((key) => [key, 1] as const))
      await c.t.at(10_000)
      await Promise.all(
        keys.flatMap((key, index) => {
          const reads = [() => reader.get(key), () => reader.getMany([key]), () => reader.touch(key)]
          const calls: (() => Promise<unknown>)[] = reads.slice(0, 1 + (index % 3))
          calls.splice(index % (calls.length + 1), 0, () => pinner.persist(key))
          return calls.map((call) => call())
        }),
      )
      const readings = await c.backend.inspect('entry', pinner.name, keys)
      for (const reading of readings) equal(given(reading).expiresAt, undefined)
    },
  },
]
