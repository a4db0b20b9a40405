import { createStore } from '@ttl/core'
import { describe, expect, test } from 'vitest'
import { freshPlace, poolOf, urlOf } from './support.ts'

/** What a trigger does with each deleted row. */
const SLOW_MS = 150

describe.each([18, 15] as const)('a sweep of PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))
  const { backend, table } = freshPlace({}, pool)

  test('says how long the server was busy with it, triggers and all, and not with more than itself', async () => {
    const ns = createStore({ backend }).namespace('n')
    await backend.migrate()
    await pool.query(`
      CREATE FUNCTION ${table}_slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(${SLOW_MS / 1_000}); RETURN NULL; END';
      CREATE TRIGGER slow AFTER DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_slow()`)
    await ns.set('a', 1, { ttl: '1ms' })
    await ns.set('b', 1, { ttl: '1ms' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    const begun = performance.now()
    const { busyMs, deleted } = await backend.sweep({ limit: 10 })
    const took = performance.now() - begun
    await pool.query(`DROP FUNCTION ${table}_slow CASCADE`)
    expect(deleted.get('n')).toBe(2)
    expect(busyMs).toBeGreaterThanOrEqual(2 * SLOW_MS)
    expect(busyMs).toBeLessThanOrEqual(took)
  })
})
