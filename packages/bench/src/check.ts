import { deepStrictEqual, ok } from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeValue } from './data.ts'
import type { Opened, Subject, Value } from './subject.ts'

/** A session store adds a cookie to what it keeps. */
const plain = (value: Value | null | undefined): unknown => value && { id: value.id, text: value.text }

/**
 * What is fast because it does not do its work must not win: every operation has to give the right answer before it is
 * measured, expiry above all.
 */
export async function check(subject: Subject, { entries, sliding, groups }: Opened): Promise<void> {
  const [first, second] = [makeValue('first', 100), makeValue('second', 256)]
  const read = async (key: string) => plain(await entries.get(key))
  const say = (what: string) => `${subject.name}: ${what}`

  await entries.set('check', first)
  deepStrictEqual(await read('check'), first, say('get after set'))
  await entries.set('check', second)
  deepStrictEqual(await read('check'), second, say('get after an overwrite'))
  ok((await read('check-absent')) == null, say('get of what is not there'))
  await entries.touch?.('check')
  ok(await read('check'), say('get after touch'))
  await entries.delete('check')
  ok((await read('check')) == null, say('get after delete'))

  await entries.setMany?.([
    ['check-a', first],
    ['check-b', second],
  ])
  if (entries.setMany !== undefined) deepStrictEqual(await read('check-b'), second, say('get after setMany'))
  const found = await entries.getMany?.(['check-a', 'check-absent', 'check-b'])
  if (found !== undefined) deepStrictEqual(found, 2, say('getMany'))

  await groups?.write('check', { a: first, b: second })
  if (groups !== undefined) deepStrictEqual(await groups.read('check', ['a', 'b']), 2, say('read of a group'))
  await groups?.touch?.('check', ['a', 'b'])

  const least = subject.leastTtlMs ?? 1
  await Promise.all([expires(), sliding && restarts(sliding)])

  async function expires(): Promise<void> {
    await entries.set('check-short', first, Math.max(50, least))
    await sleep(2 * Math.max(50, least) + 100)
    ok((await read('check-short')) == null, say('get of what has expired'))
  }

  /** Reads keep alive what would have run out between them. A machine that is too busy to read in time gets more of it. */
  async function restarts({ set, get }: NonNullable<Opened['sliding']>): Promise<void> {
    ok((await get('check-absent')) == null, say('a sliding get of what is not there'))
    let [ttlMs, inTime] = [Math.max(400, 3 * least), false]
    while (!inTime) {
      ttlMs *= 2
      // The ttl may have begun as soon as it was asked for.
      let from = performance.now()
      await set('check-slides', first, ttlMs)
      inTime = true
      for (let count = 0; count < 2 && inTime; count++) {
        await sleep(0.6 * ttlMs)
        const asked = performance.now()
        const found = plain(await get('check-slides'))
        inTime = performance.now() - from < 0.9 * ttlMs
        from = asked
        if (inTime) deepStrictEqual(found, first, say('what sliding gets keep alive'))
      }
    }
  }
}
