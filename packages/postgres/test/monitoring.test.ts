import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createStore } from '@ttl/core'
import { describe, expect, test } from 'vitest'
import { freshPlace, poolOf, urlOf } from './support.ts'

/** The queries of docs/operations.md, as they are shown there. */
const shown = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8')
const queries = [...shown.matchAll(/^-- PostgreSQL: (.*)\n([^;]+);$/gm)].map(([, what = '', sql = '']) => ({
  what,
  sql,
}))
const about = (word: string) => queries.find(({ what }) => what.includes(word))?.sql ?? ''

describe.each([18, 15] as const)('what an operator asks PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))
  const { backend, table } = freshPlace({}, pool)
  /** A query about the tables of this test. */
  const ask = async (sql: string) =>
    (
      await pool.query(
        sql
          .replace('FROM ttl ', `FROM ${table} `)
          .replace("('ttl', 'ttl_members')", `('${table}', '${table}_members')`),
      )
    ).rows

  test('is answered: what waits for a sweep, what vacuum has not reached, who is in the way', async () => {
    expect(queries).toHaveLength(3)
    const ns = createStore({ backend }).namespace('n')
    await ns.setMany([
      ['a', 1, { ttl: '1ms' }],
      ['b', 1, { ttl: '1ms' }],
      ['c', 1, { ttl: '1h' }],
    ])
    await new Promise((resolve) => setTimeout(resolve, 30))
    const [due] = await ask(about('not yet swept'))
    expect(due.waiting).toBe('2')
    expect(Number(due.lag_ms)).toBeGreaterThan(20)
    expect(Number(due.lag_ms)).toBeLessThan(60_000)
    const [rows] = await ask(about('vacuum'))
    expect(rows).toMatchObject({ relname: expect.stringContaining(table), size: expect.stringMatching(/B$/) })
    expect(await ask(about('cleaning up'))).toEqual(expect.any(Array))
  })
})
