import type pg from 'pg'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type PostgresClient, postgres } from '../src/index.ts'
import { freshPlace, PEEK, poolOf, READ, urlOf, write } from './support.ts'

test('a Pool, a Client and a PoolClient of pg are clients', () => {
  expectTypeOf<pg.Pool>().toExtend<PostgresClient>()
  expectTypeOf<pg.Client>().toExtend<PostgresClient>()
  expectTypeOf<pg.PoolClient>().toExtend<PostgresClient>()
  const pool = {} as pg.Pool
  const client: PostgresClient = pool
  expect(client).toBe(pool)
})

describe('what postgres() is given', () => {
  test.each([
    ['', /connection string/],
    [undefined, /got undefined/],
    [null, /got null/],
    [42, /got the number 42/],
  ])('%s is refused', (target, message) => {
    expect(() => postgres(target as never)).toThrow(message)
  })

  test.each([
    [{ tables: 'x' }, /no option "tables"/],
    [{ table: '' }, /table of postgres/],
    [{ table: 'x'.repeat(56) }, /1 to 55 bytes/],
    [{ schema: 'a\0b' }, /schema of postgres/],
    [{ clock: {} }, /now\(\) method/],
    [{ prepare: 1 }, /prepare/],
  ])('%j is refused', (options, message) => {
    const refused = () => postgres('postgres://127.0.0.1', options as never)
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ code: 'TTL_INVALID' }))
  })

  test('a connection string, and a configuration, open a pool that close ends', async () => {
    const { backend, table } = freshPlace()
    await backend.write('ns', [write('k')])
    for (const own of [
      postgres(urlOf(18), { table }),
      postgres({ connectionString: urlOf(18), max: 1, table, prepare: false }),
    ]) {
      expect(await own.read('ns', ['k'], PEEK)).toMatchObject([{ payload: 'v' }])
      await own.close()
      await own.close()
    }
  })

  test('a pool of the caller is not closed', async () => {
    const { backend, pool } = freshPlace()
    await backend.write('ns', [write('k')])
    await backend.close()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})

describe('what is stored', () => {
  const odd = ['\0', '\u007f', '\u007f0', 'a\0b\u007fc', 'ü%_\\"{}', 'NULL', ' ', "'", '😀']

  test.each(['hex', 'escape'])('comes back as it was, in the form %s', async (form) => {
    const pool = poolOf(urlOf(18), { options: `-c bytea_output=${form}` })
    const { backend } = freshPlace({}, pool)
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    for (const ns of odd) {
      const payloads = [...odd, '', '\ud800', all, new Uint8Array()]
      await backend.write(
        ns,
        payloads.map((payload, index) => write(`${index}${ns}`, payload)),
      )
      await backend.write(ns, [write(ns, all)])
      await backend.writeGroup(
        ns,
        ns,
        [...odd.map((name) => [name, name] as const), ['bytes', all]],
        write('').placement,
      )
      const keys = payloads.map((_, index) => `${index}${ns}`)
      const found = await backend.read(ns, [...keys, ns], READ)
      expect(found.map((each) => each?.payload)).toEqual([...payloads, all])
      expect(found.at(-1)?.payload).toBeInstanceOf(Uint8Array)
      expect(found.at(-1)?.payload).not.toBeInstanceOf(Buffer)
      const group = await backend.readGroup(ns, ns, undefined, READ)
      expect(new Map(group?.members)).toEqual(
        new Map<string, unknown>([...odd.map((name) => [name, name] as const), ['bytes', all]]),
      )
      expect([...(await backend.scan('entry', ns, { limit: 100 })).keys].sort()).toEqual([...keys, ns].sort())
    }
  })

  test('does not depend on the parsers that the application has registered', async () => {
    const { default: driver } = await import('pg')
    const before = driver.types.getTypeParser(20)
    driver.types.setTypeParser(20, BigInt)
    try {
      const { backend } = freshPlace()
      await backend.write('ns', [write('k')])
      const [reading] = await backend.inspect('entry', 'ns', ['k'])
      expect(typeof reading?.expiresAt).toBe('number')
    } finally {
      driver.types.setTypeParser(20, before)
    }
  })
})
