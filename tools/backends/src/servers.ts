/** Starts one PostgreSQL and one Redis for a run of tests; `DATABASE_URL` and `REDIS_URL` name servers to use instead. */
import { Server } from '@ttl/redis-server'
import type { TestProject } from 'vitest/node'
import { embedded } from '../../../packages/postgres/test/server/binaries.ts'
import { startServer } from '../../../packages/postgres/test/server/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgresUrl: string
    readonly redisUrl: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = []
  const teardown = async () => void (await Promise.all(ends.map((end) => end())))
  const postgres = async () => {
    // Losing the database of a test in a power cut is fine.
    const server = await startServer(embedded(), { fsync: 'off', full_page_writes: 'off' })
    ends.push(() => server.end())
    return server.url
  }
  const redis = async () => {
    const server = await Server.start()
    ends.push(() => server.stop())
    return server.url
  }
  const [first, second] = await Promise.allSettled([
    process.env.DATABASE_URL ?? postgres(),
    process.env.REDIS_URL ?? redis(),
  ])
  if (first.status === 'rejected' || second.status === 'rejected') {
    await teardown()
    throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason
  }
  project.provide('postgresUrl', first.value)
  project.provide('redisUrl', second.value)
  return teardown
}
