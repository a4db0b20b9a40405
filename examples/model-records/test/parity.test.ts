import { onEachBackend, type Scene } from '@ttl/backends'
import { type DurationLiteral, epochMs, never, TtlError } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { manualClock } from '@ttl/core/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SaveOptions } from '../src/index.ts'
import { ada, COUNTING, left, type Stage, stageOn } from './support.ts'

const LIVES: Readonly<Record<string, (now: number) => SaveOptions | undefined>> = {
  class: () => undefined,
  keep: () => ({ expiry: 'keep' }),
  long: () => ({ ttl: '300d' }),
  short: () => ({ ttl: '2s' }),
  never: () => ({ ttl: never }),
  past: (now) => ({ expiresAt: epochMs(now - 1) }),
  now: (now) => ({ expiresAt: epochMs(now) }),
  soon: (now) => ({ expiresAt: epochMs(now + 1_000) }),
  far: (now) => ({ expiresAt: epochMs(now + 400 * 86_400_000) }),
  zero: () => ({ ttl: '0s' as never }),
  both: (now) => ({ ttl: '1h', expiresAt: epochMs(now + 1) }) as never,
}

const id = fc.constantFrom('a', 'b')
const life = fc.constantFrom(...Object.keys(LIVES))
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('save', 'update', 'batch'), id, life, visits: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('delete', 'touch', 'pin', 'adopt', 'sweep'), id }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait'),
      span: fc.constantFrom<DurationLiteral>('1ms', '999ms', '1s', '1h', '45d', '90d'),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

async function play({ sessions, store }: Stage, now: number, does: Exclude<Step, { span: unknown }>): Promise<unknown> {
  const options = 'life' in does ? LIVES[does.life]?.(now) : undefined
  const record = ada(does.id, 'visits' in does ? { visits: does.visits } : {})
  try {
    switch (does.kind) {
      case 'save':
        return await sessions.save(record, options)
      case 'update':
        return await sessions.update(does.id, { visits: record.visits ?? 0 }, options)
      case 'batch':
        return await sessions.saveMany([[record, options], [ada('c')]])
      case 'delete':
        return await sessions.delete(does.id)
      case 'touch':
        return await sessions.touch(does.id)
      case 'pin':
        return await sessions.pin(does.id)
      case 'adopt':
        return await sessions.adopt(does.id)
      default:
        return void (await store.sweep())
    }
  } catch (error) {
    return error instanceof TtlError ? error.code : error
  }
}

async function seen({ sessions }: Stage): Promise<unknown> {
  const ids = ['a', 'b', 'c']
  return {
    records: await sessions.getMany(ids),
    left: await Promise.all(ids.map(async (each) => left(await sessions.expiry(each)))),
    found: (await sessions.find('user', 'ada')).map((record) => record.id).sort(),
    count: await sessions.count(),
  }
}

const numRuns = Number(process.env.TTL_PARITY_RUNS ?? 8)

onEachBackend(
  (open) => {
    it('P35: random saves, partial saves, batches, pins, deletes and waits answer as the memory backend does, step by step', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          await using scene: Scene = await open(COUNTING)
          const clock = manualClock(epochMs(scene.clock.now()))
          const [subject, oracle] = [stageOn(scene), stageOn({ backend: memory({ clock }) })]
          for (const does of steps) {
            if ('span' in does) {
              clock.advance(does.span)
              await scene.advance(does.span)
            } else {
              const answers = await Promise.all([subject, oracle].map((stage) => play(stage, clock.now(), does)))
              expect(answers[0]).toEqual(answers[1])
            }
            expect(await seen(subject)).toEqual(await seen(oracle))
          }
        }),
        { numRuns },
      )
    })
  },
  ['SQLite', 'PostgreSQL', 'Redis'],
)
