import type * as Adapter from '@ttl/redis'
import type * as Driver from 'ioredis'
import { loadAdapter } from '../load.ts'
import { type Opened, opened, type Which } from './opened.ts'

export async function openRedis(url: string, { prefix, index, cluster }: Which): Promise<Opened> {
  const { exports, driver } = await loadAdapter<typeof Adapter>('@ttl/redis', 'ioredis')
  const client = await connect(url, cluster ?? false, await driver<typeof Driver>('ioredis'))
  const shards = typeof index === 'number' ? { shards: index } : index
  return opened(exports.redis(client, { prefix, index: shards }), () => client.quit())
}

/** Connects once: a command that cannot reach its server says why, and does not try for ever. */
async function connect(url: string, cluster: boolean, { Cluster, Redis }: typeof Driver) {
  const once = { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null }
  const { username, password, protocol } = new URL(url)
  const client = cluster
    ? new Cluster([url], {
        lazyConnect: true,
        clusterRetryStrategy: () => null,
        redisOptions: {
          ...once,
          ...(username === '' ? {} : { username: decodeURIComponent(username) }),
          ...(password === '' ? {} : { password: decodeURIComponent(password) }),
          ...(protocol === 'rediss:' ? { tls: {} } : {}),
        },
      })
    : new Redis(url, once)
  // The promise says only that the connection is closed; why, is told here.
  let why: unknown
  client.on('error', (error) => {
    why = error
  })
  try {
    await client.connect()
    return client
  } catch (error) {
    client.disconnect()
    throw why ?? error
  }
}
