import type { OwnPool, PostgresClient } from './client.ts'

/** A pool of our own, opened on first use. */
export function openPool(config: Readonly<Record<string, unknown>>) {
  let opening: Promise<OwnPool> | undefined
  let pool: OwnPool | undefined
  const open = async (): Promise<OwnPool> => {
    const { Pool } = await import('pg')
    const opened = new Pool(config)
    // An idle connection that breaks is replaced; without a listener it would end the process.
    opened.on('error', () => {})
    pool = opened
    return opened
  }
  return {
    client(): PostgresClient | Promise<PostgresClient> {
      if (pool !== undefined) return pool
      opening ??= open()
      return opening
    },
    async end(): Promise<void> {
      const opened = opening
      opening = undefined
      if (opened !== undefined) await (await opened).end()
    },
  }
}
