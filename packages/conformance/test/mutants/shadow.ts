import type { Backend, Payload, Reading } from '@ttl/core/adapter'
import type { MemoryBackend } from '@ttl/core/memory'

interface Remembered {
  readonly payload: Payload
  readonly timing: Reading
}

/** Remembers what was written, so that a mutant can see the dead. */
export function shadow(healthy: MemoryBackend): {
  /** To be spread into a mutant, so that the shadow notices. */
  readonly watch: Pick<Backend, 'write' | 'take' | 'delete' | 'clear'>
  /** What lies expired under a key. */
  find(namespace: string, key: string): Remembered | undefined
  revive(namespace: string, key: string): void
} {
  const all = new Map<string, Remembered>()
  const id = (namespace: string, key: string) => `${namespace}\0${key}`
  const note = (namespace: string, keys: readonly string[]) => {
    const found = healthy.read(namespace, keys, { touch: false, detail: true, sliding: false })
    for (const [index, key] of keys.entries()) {
      const each = found[index]
      if (each?.reading !== undefined) all.set(id(namespace, key), { payload: each.payload, timing: each.reading })
    }
  }
  const find = (namespace: string, key: string) => {
    const [live] = healthy.inspect('entry', namespace, [key])
    return live === undefined ? all.get(id(namespace, key)) : undefined
  }
  return {
    find,
    revive(namespace, key) {
      const dead = find(namespace, key)
      if (dead === undefined) return
      const { now: _, ...timing } = dead.timing
      const expiresAt = healthy.now() + (timing.ttlMs ?? 10_000)
      healthy.write(namespace, [
        { key, payload: dead.payload, placement: { onLive: 'exact', timing: { ...timing, expiresAt } } },
      ])
    },
    watch: {
      write(namespace, writes) {
        const outcomes = healthy.write(namespace, writes)
        note(
          namespace,
          writes.map(({ key }) => key),
        )
        return outcomes
      },
      take(namespace, key) {
        const payload = healthy.take(namespace, key)
        all.delete(id(namespace, key))
        return payload
      },
      delete(space, namespace, keys) {
        if (space === 'entry') for (const key of keys) all.delete(id(namespace, key))
        return healthy.delete(space, namespace, keys)
      },
      clear(namespace) {
        for (const key of all.keys()) if (key.startsWith(`${namespace}\0`)) all.delete(key)
        healthy.clear(namespace)
      },
    },
  }
}
