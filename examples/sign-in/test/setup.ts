import { redisServer } from '@ttl/redis-server'

/** Where there is no redis-server it is downloaded, which takes longer than a test may. */
export default async function setup(): Promise<void> {
  await redisServer()
}
