import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, sliding, type TtlError } from '@ttl/core'
import { Server } from '@ttl/redis-server'
import { expect, test } from 'vitest'
import { redis } from '../src/index.ts'
import { finallyDo } from './support/index.ts'

/** What may be there: one value, or, after a call of unknown outcome, one of several. `undefined` is nothing. */
type Possible = readonly (number | undefined)[]

test('a server that is killed under load and comes back loses nothing acknowledged, revives nothing, answers nothing wrong', async () => {
  const server = await Server.start('--appendonly', 'yes', '--appendfsync', 'always')
  finallyDo(() => server.stop())
  const backend = redis({ url: server.url })
  finallyDo(() => backend.close())
  const store = createStore({ backend })
  const plain = store.namespace<number>('plain', { policy: { ttl: '10m' } })
  const capped = store.namespace<number>('capped', { policy: sliding('10m', { max: '1h' }) })
  const brief = store.namespace<number>('brief', { policy: sliding('300ms', { max: '300ms' }) })

  const errors: TtlError[] = []
  let acknowledged = 0
  let running = true
  const possible = new Map<string, Possible>()
  const born = new Map<string, number>()

  async function worker(id: number): Promise<void> {
    for (let step = 1; running; step++) {
      const ns = step % 2 === 0 ? plain : capped
      const key = `${id}.${step % 7}`
      const name = ns.name + key
      const before = possible.get(name) ?? [undefined]
      const kind = step % 5
      try {
        if (kind < 2) {
          await ns.set(key, step)
          possible.set(name, [step])
        } else if (kind === 2) {
          const got = await ns.take(key)
          expect(before).toContain(got)
          possible.set(name, [undefined])
        } else if (kind === 3) {
          const was = await ns.set(key, step, { if: 'absent' })
          if (before.length === 1) expect(was).toBe(before[0] === undefined)
          else
            expect(before.includes(was ? undefined : (before.find((value) => value !== undefined) as number))).toBe(
              true,
            )
          possible.set(name, was ? [step] : before.filter((value) => value !== undefined))
        } else {
          const got = await ns.get(key)
          expect(before).toContain(got)
          possible.set(name, [got])
        }
        acknowledged++
        if (step % 10 === 0) {
          const at = performance.now()
          await brief.set(`${id}.${step}`, step)
          born.set(`${id}.${step}`, at)
        }
      } catch (error) {
        if (!(error instanceof Error && 'retryable' in error)) throw error
        errors.push(error as TtlError)
        const after = { 0: step, 1: step, 2: undefined, 3: step }[kind]
        if (kind < 4) possible.set(name, [...new Set([...before, after])])
        await sleep(5)
      }
    }
  }

  const workers = Array.from({ length: 16 }, (_, id) => worker(id))
  for (let crash = 0; crash < 3; crash++) {
    await sleep(400)
    await server.crash()
    await sleep(100)
    await server.up()
  }
  await sleep(300)
  running = false
  await Promise.all(workers)

  expect(errors.length).toBeGreaterThan(0)
  for (const error of errors) expect([error.code, error.retryable]).toEqual(['TTL_BACKEND', true])
  expect(acknowledged).toBeGreaterThan(500)
  for (const [name, values] of possible) {
    const [ns, key] = name.startsWith('plain') ? [plain, name.slice(5)] : [capped, name.slice(6)]
    expect([name, values.includes(await ns.get(key))]).toEqual([name, true])
  }
  await sleep(320)
  for (const key of born.keys()) expect(await brief.get(key)).toBeUndefined()
  expect(born.size).toBeGreaterThan(20)
})
