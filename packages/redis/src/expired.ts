import { TtlError } from '@ttl/core'
import type { Expired } from '@ttl/core/adapter'
import { allMasters, type RedisNode } from './client.ts'
import type { Commands } from './commands.ts'

/**
 * Subscribes to the `expired` events of every master, on connections of its own. Best effort: Redis reports a key when it
 * removes it, which may be long after its deadline, and tells nobody who is not connected at that moment.
 *
 * @returns a function that ends the subscription
 * @throws {@link TtlError} `TTL_UNSUPPORTED` when a server is known not to send them
 */
export async function onExpired(
  commands: Commands,
  listener: (expired: Expired) => void,
): Promise<() => Promise<void>> {
  const subscribers: RedisNode[] = []
  const stop = async () => {
    for (const subscriber of subscribers.splice(0)) subscriber.disconnect()
  }
  try {
    for (const node of await allMasters(commands.client)) {
      await check(node)
      const subscriber = node.duplicate()
      subscribers.push(subscriber)
      // Reconnecting and subscribing again is up to ioredis.
      subscriber.on('error', () => undefined)
      subscriber.on('message', (_channel, key) => {
        const { keyPrefix } = commands
        const expired = key.startsWith(keyPrefix) ? commands.keys.parse(key.slice(keyPrefix.length)) : undefined
        if (expired !== undefined) listener(expired)
      })
      await subscriber.subscribe(`__keyevent@${node.options.db ?? 0}__:expired`)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

async function check(node: RedisNode): Promise<void> {
  // A server may refuse to tell, as managed ones do.
  const reply = await node.config('GET', 'notify-keyspace-events').catch(() => undefined)
  const flags = Array.isArray(reply) ? String(reply[1]) : undefined
  if (flags === undefined || (flags.includes('E') && /[xA]/.test(flags))) return
  throw new TtlError(
    'TTL_UNSUPPORTED',
    `the server sends no expired events: notify-keyspace-events is ${JSON.stringify(flags)}; it has to include "Ex"`,
    { operation: 'onExpired' },
  )
}
