import { createStore, milliseconds } from '@ttl/core'
import type { Backend } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { describe, expect, test } from 'vitest'
import { Screen } from '../src/screen.ts'
import { SignIn } from '../src/sign-in.ts'
import { onTime } from '../src/stopwatch.ts'
import { Story } from '../src/story.ts'

const SPANS = {
  link: milliseconds(300),
  idle: milliseconds(250),
  max: milliseconds(800),
  payment: milliseconds(600),
}

/** The story in memory. @returns the lines of promises that were broken */
async function broken(change: (backend: Backend) => Partial<Backend>): Promise<string> {
  const backend = memory()
  const changed = new Proxy(backend, {
    get: (target, name) => {
      const value: unknown = Reflect.get({ ...change(target) }, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  let text = ''
  const screen = new Screen(
    (line) => {
      text += line
    },
    { width: 100, color: false },
  )
  await new Story(new SignIn(createStore({ backend: changed }), SPANS), SPANS, screen).tell(undefined)
  const lines = text.split('\n').filter((line) => line.includes('✗'))
  expect(screen.broken).toBe(lines.length)
  return lines.join('\n')
}

describe.concurrent('a store that', { retry: 3 }, () => {
  test('keeps its promises breaks none', async () => {
    expect(await broken(() => ({}))).toBe('')
  })

  test('gives a one-time link to many is found out', async () => {
    const keeping = (backend: Backend): Partial<Backend> => ({
      take: async (namespace, key) =>
        (await backend.read(namespace, [key], { touch: false, detail: false, sliding: false }))[0]?.payload,
    })
    expect(await broken(keeping)).toContain('one session')
  })

  test('forgets the cap is found out', async () => {
    const uncapped = (backend: Backend): Partial<Backend> => ({
      write: (namespace, writes) =>
        backend.write(
          namespace,
          writes.map((write) =>
            write.placement.onLive === 'exact'
              ? write
              : { ...write, placement: { ...write.placement, expiry: { ...write.placement.expiry, maxAgeMs: 1_200 } } },
          ),
        ),
    })
    expect(await broken(uncapped)).toContain('ada never rested')
  })

  test('does not judge a condition is found out', async () => {
    const unconditional = (backend: Backend): Partial<Backend> => ({
      write: (namespace, writes) =>
        backend.write(
          namespace,
          writes.map((write) => ({ ...write, condition: undefined })),
        ),
    })
    expect(await broken(unconditional)).toContain('charged once')
  })
})

test('on time is neither early nor late', () => {
  const event = { asked: 100, answered: 110 }
  expect(onTime(event, 1_000, { last: 1_099, gone: 1_105 })).toBe(true)
  expect(onTime(event, 1_000, { last: 1_080, gone: 1_090 })).toBe(false)
  expect(onTime(event, 1_000, { last: 1_120, gone: 1_125 })).toBe(false)
})
