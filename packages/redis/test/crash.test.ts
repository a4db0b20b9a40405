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
  let looked = 0
  let running = true
  const possible = new Map<string, Possible>()
  /** When entries of 300 ms are gone for certain, by this process's clock. */
  const brieves: { readonly key: string; readonly goneAt: number }[] = []

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
          await brief.set(`${id}.${step}`, step)
          brieves.push({ key: `${id}.${step}`, goneAt: performance.now() + 320 })
        }
        if (step % 4 === 0) await noneRevived(step)
      } catch (error) {
        if (!(error instanceof Error && 'retryable' in error)) throw error
        errors.push(error as TtlError)
        const after = { 0: step, 1: step, 2: undefined, 3: step }[kind]
        if (kind < 4) possible.set(name, [...new Set([...before, after])])
        await sleep(5)
      }
    }
  }

  /** One that is expired, also if it expired before a crash. */
  async function noneRevived(step: number): Promise<void> {
    const one = brieves[(step * 7_919) % brieves.length]
    if (one === undefined || performance.now() < one.goneAt) return
    expect([one.key, await brief.get(one.key)]).toEqual([one.key, undefined])
    looked++
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
  for (const { key } of brieves) expect(await brief.get(key)).toBeUndefined()
  expect(brieves.length).toBeGreaterThan(20)
  expect(looked).toBeGreaterThan(20)
})
