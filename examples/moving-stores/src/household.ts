import { type Expiration, never, type Store, sliding } from '@ttl/core'

/** One of each kind of life. */
export async function moveIn(store: Store): Promise<void> {
  const sessions = store.namespace('session', { policy: sliding('30m', { max: '12h' }) })
  const tokens = store.namespace('token', { policy: { ttl: '15m', restartOn: 'create' } })
  const settings = store.namespace('setting')
  await sessions.setMany([
    ['ada', { cart: ['tea'] }],
    ['bob', { cart: [] }],
  ])
  await sessions.set('kiosk', { cart: [] }, { ttl: never })
  await tokens.set('reset-ada', 'f3a9')
  await settings.set('theme', 'dark', { ttl: never })
  await settings.set('sale', '20 %', { expiresAt: '2100-01-01T18:00:00Z' })
  await store
    .namespace('thread')
    .group('t1', { ttl: '7d' })
    .setMany({ checkpoint: 3, blob: new Uint8Array(64) })
}

/** Everything that lives in a store, and for how long. */
export async function household(store: Store): Promise<Map<string, Expiration>> {
  const found = new Map<string, Expiration>()
  for (const name of ['session', 'token', 'setting', 'thread']) {
    const namespace = store.namespace(name)
    for await (const key of namespace.keys()) found.set(`${name} ${key}`, await namespace.expiry(key))
    for await (const id of namespace.groups()) found.set(`${name} ${id} (group)`, await namespace.group(id).expiry())
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)))
}
