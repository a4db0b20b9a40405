import { describe, expect, test } from 'vitest'
import { freshPlace, Hands, poolOf, quoted, READ, rolling, sliding, T0, urlOf, write } from './support.ts'

describe.each([18, 15] as const)('on PostgreSQL %i', (version) => {
  const pool = poolOf(urlOf(version))

  // One write is another statement than several.
  test.each([1, 2])(
    'the place of a deadline is a lower bound of it that writes (%i at once) do not raise',
    async (count) => {
      const clock = new Hands()
      const { backend, table } = freshPlace({ clock }, pool)
      const keys = ['k', 'l'].slice(0, count)
      const set = (expiry: Parameters<typeof write>[2]) =>
        backend.write(
          'a',
          keys.map((key) => write(key, 'v', expiry)),
        )
      const bounds = async () => {
        const { rows } = await pool.query(`SELECT sweep_at, expires_at FROM ${quoted(table)} WHERE key = 'k'`)
        const after = (at: string | null) => at && Number(at) - T0
        return [after(rows[0].sweep_at), after(rows[0].expires_at)]
      }
      await set(rolling(1_000))
      expect(await bounds()).toEqual([1_000, 1_000])
      clock.at += 500
      await set(sliding(1_000))
      expect(await bounds()).toEqual([1_000, 1_500])
      clock.at += 100
      await backend.read('a', ['k'], READ)
      expect(await bounds()).toEqual([1_000, 1_600])
      await set(rolling(300))
      expect(await bounds()).toEqual([900, 900])
      await set(rolling(undefined))
      expect(await bounds()).toEqual([900, null])
      await set(rolling(1_000))
      expect(await bounds()).toEqual([900, 1_600])
      await set(rolling(undefined))
      clock.at += 400
      await backend.sweep({ limit: 10 })
      expect(await bounds()).toEqual([null, null])
      await set(rolling(300))
      expect(await bounds()).toEqual([1_300, 1_300])
    },
  )
})
