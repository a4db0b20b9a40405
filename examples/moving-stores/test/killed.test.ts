import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, type Store, sliding } from '@ttl/core'
import { sqlite } from '@ttl/sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ENTRIES = 2_000
const GROUPS = 60
const KILLS = 20

const seed = Number(process.env.TTL_KILL_SEED ?? process.hrtime.bigint() % 2_147_483_647n)
const random = mulberry(seed)
const folder = mkdtempSync(join(tmpdir(), 'ttl-killed-'))
const source = join(folder, 'source.db')
let sent = new Map<string, unknown>()

beforeAll(async () => {
  await using store = createStore({ backend: sqlite(source) })
  const sessions = store.namespace<string>('session', { policy: sliding('1h', { max: '12h' }) })
  await sessions.setMany(Array.from({ length: ENTRIES }, (_, n) => [`s${n}`, 'x'.repeat(200)] as const))
  const threads = store.namespace<number>('thread', { policy: { ttl: '1d' } })
  for (let n = 0; n < GROUPS; n++) await threads.group(`t${n}`).setMany({ a: n, b: n, c: n })
  sent = new Map([...(await entriesOf(store)), ...(await groupsOf(store))])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it(`killed at ${KILLS} random points, a transfer leaves only whole entries and groups, and goes on (seed ${seed})`, async () => {
  const target = join(folder, 'target.db')
  let killed = 0
  while (killed < KILLS) {
    const mover = fork(join(import.meta.dirname, 'mover.ts'), [source, target], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const exited = once(mover, 'exit')
    await once(mover, 'message')
    await Promise.race([sleep(random() * 40), exited])
    mover.kill('SIGKILL')
    const [code] = await exited
    await compare(target)
    // What was done before the kill is a new beginning: otherwise the first run would do it all.
    if (code === 0) rmSync(target, { force: true })
    killed++
  }
  await using from = createStore({ backend: sqlite(source) })
  await using to = createStore({ backend: sqlite(target) })
  await from.transfer(to)
  expect(await compare(target)).toEqual({ entries: ENTRIES, groups: GROUPS })
}, 120_000)

/** Everything that arrived is what was sent. */
async function compare(target: string): Promise<{ entries: number; groups: number }> {
  await using to = createStore({ backend: sqlite(target) })
  const [entries, groups] = [await entriesOf(to), await groupsOf(to)]
  for (const [name, arrived] of [...entries, ...groups]) expect(arrived, name).toEqual(sent.get(name))
  return { entries: entries.size, groups: groups.size }
}

async function entriesOf(store: Store): Promise<Map<string, unknown>> {
  const all = new Map<string, unknown>()
  const sessions = store.namespace<string>('session')
  for await (const key of sessions.keys()) {
    const entry = await sessions.getEntry(key, { touch: false })
    all.set(`session ${key}`, { value: entry?.value, expiry: lasting(entry?.expiry) })
  }
  return all
}

async function groupsOf(store: Store): Promise<Map<string, unknown>> {
  const all = new Map<string, unknown>()
  const threads = store.namespace<number>('thread')
  for await (const id of threads.groups()) {
    const group = threads.group(id)
    const members = await group.getMany(undefined, { touch: false })
    all.set(`thread ${id}`, { members: [...members].sort(), expiry: lasting(await group.expiry()) })
  }
  return all
}

/** An expiry without what passes. */
function lasting(expiry: object | undefined): object {
  return { ...expiry, remaining: undefined }
}

function mulberry(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
