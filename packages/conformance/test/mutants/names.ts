import type { Backend, Payload } from '@ttl/core/adapter'
import { MemoryBackend } from '@ttl/core/memory'
import { delegate } from '../../src/delegate.ts'
import { type Mutant, RULES, wrapped } from './mutant.ts'

/** A backend that changes every name on its way in. */
function renamed(
  healthy: MemoryBackend,
  key: (key: string) => string,
  namespace: (name: string) => string = (name) => name,
): Partial<Backend> {
  return {
    read: (ns, keys, options) => keys.flatMap((each) => healthy.read(namespace(ns), [key(each)], options)),
    inspect: (space, ns, keys) => keys.flatMap((each) => healthy.inspect(space, namespace(ns), [key(each)])),
    write: (ns, writes) => writes.flatMap((each) => healthy.write(namespace(ns), [{ ...each, key: key(each.key) }])),
    take: (ns, each) => healthy.take(namespace(ns), key(each)),
    delete: (space, ns, keys) => keys.flatMap((each) => healthy.delete(space, namespace(ns), [key(each)])),
    touch: (space, ns, keys) => keys.flatMap((each) => healthy.touch(space, namespace(ns), [key(each)])),
    expire: (space, ns, keys, span) => keys.flatMap((each) => healthy.expire(space, namespace(ns), [key(each)], span)),
  }
}

/** A backend that joins namespace and key to one name. */
function joined(healthy: MemoryBackend, separator: string): Partial<Backend> {
  const join = (namespace: string) => (key: string) => `${namespace}${separator}${key}`
  return {
    read: (ns, keys, options) => healthy.read('all', keys.map(join(ns)), options),
    inspect: (space, ns, keys) => healthy.inspect(space, 'all', keys.map(join(ns))),
    write: (ns, writes) =>
      healthy.write(
        'all',
        writes.map((each) => ({ ...each, key: join(ns)(each.key) })),
      ),
    take: (ns, key) => healthy.take('all', join(ns)(key)),
    delete: (space, ns, keys) => healthy.delete(space, 'all', keys.map(join(ns))),
    touch: (space, ns, keys) => healthy.touch(space, 'all', keys.map(join(ns))),
    expire: (space, ns, keys, span) => healthy.expire(space, 'all', keys.map(join(ns)), span),
    scan: (space, ns) => ({
      keys: healthy
        .scan(space, 'all')
        .keys.filter((key) => key.startsWith(join(ns)('')))
        .map((key) => key.slice(join(ns)('').length)),
    }),
  }
}

/** A backend that changes every payload on its way out. */
const restored = (healthy: MemoryBackend, restore: (payload: Payload) => Payload): Partial<Backend> => ({
  read: (ns, keys, options) =>
    healthy.read(ns, keys, options).map((found) => found && { ...found, payload: restore(found.payload) }),
})

const everywhere = new Map<string, MemoryBackend>()

export const nameMutants: readonly Mutant[] = [
  wrapped('nul-ends-a-name', 'a name ends at its first NUL', 'names.keys', (healthy) =>
    renamed(healthy, (key) => key.split('\0')[0] || '\u0001'),
  ),
  wrapped('case-folded', 'names are compared without case', 'names.keys', (healthy) =>
    renamed(healthy, (key) => key.toLowerCase()),
  ),
  wrapped('normalised', 'names are normalised', 'names.keys', (healthy) =>
    renamed(healthy, (key) => key.normalize('NFC')),
  ),
  wrapped('trimmed', 'trailing spaces do not count', 'names.keys', (healthy) =>
    renamed(healthy, (key) => key.replace(/ +$/, '') || '\u0001'),
  ),
  wrapped('numeric-names', 'a name that looks like a number is one', 'names.keys', (healthy) =>
    renamed(healthy, (key) => (/^\d+$/.test(key) ? String(Number(key)) : key)),
  ),
  wrapped('cut-at-255', 'names are cut after 255 characters', 'names.kibibyte', (healthy) =>
    renamed(healthy, (key) => key.slice(0, 255)),
  ),
  wrapped('joined-by-colon', 'namespace and key are joined by a colon', 'names.boundaries', (healthy) =>
    joined(healthy, ':'),
  ),
  wrapped('joined-by-nul', 'namespace and key are joined by a NUL', 'names.boundaries', (healthy) =>
    joined(healthy, '\0'),
  ),
  wrapped('namespaces-folded', 'namespaces are compared without case', 'names.namespaces', (healthy) =>
    renamed(
      healthy,
      (key) => key,
      (name) => name.toUpperCase(),
    ),
  ),
  wrapped('member-joined', 'a member is an entry named group:member', 'names.group-boundaries', (healthy) => ({
    writeGroup: (namespace, id, members, placement) => {
      const writes = members.map(([member, payload]) => ({ key: `${id}:${member}`, payload, placement }))
      healthy.write(namespace, writes)
      return healthy.writeGroup(namespace, id, members, placement)
    },
  })),
  wrapped('bytes-as-text', 'bytes come back as text', 'values.bytes', (healthy) =>
    restored(healthy, (payload) => (typeof payload === 'string' ? payload : new TextDecoder().decode(payload))),
  ),
  wrapped('bytes-through-text', 'bytes are stored as UTF-8', 'values.bytes', (healthy) =>
    restored(healthy, (payload) =>
      typeof payload === 'string' ? payload : new TextEncoder().encode(new TextDecoder().decode(payload)),
    ),
  ),
  wrapped('nul-ends-a-value', 'text ends at its first NUL', 'values.text-is-text', (healthy) =>
    restored(healthy, (payload) => (typeof payload === 'string' ? (payload.split('\0')[0] ?? '') : payload)),
  ),
  wrapped('empty-is-a-miss', 'an empty payload is a miss', 'values.text-is-text', (healthy) => ({
    read: (ns, keys, options) =>
      healthy.read(ns, keys, options).map((found) => (found?.payload.length === 0 ? undefined : found)),
  })),
  wrapped(
    'trailer-forged',
    'what follows the last NUL of a payload is taken for its deadline',
    'values.forgeries',
    (healthy) => ({
      read: (ns, keys, options) =>
        healthy
          .read(ns, keys, options)
          .map((found) =>
            found && typeof found.payload === 'string'
              ? { ...found, payload: found.payload.replace(/\0\d+$/, '') }
              : found,
          ),
    }),
  ),
  wrapped('payload-cut', 'a payload is cut after 64 KiB', 'values.large', (healthy) =>
    restored(healthy, (payload) => payload.slice(0, 65_536)),
  ),
  wrapped('no-copy', "bytes are kept as the caller's own array", 'values.own-copy', (healthy) => {
    const kept = new Map<string, Payload>()
    return {
      write: (ns, writes) => {
        for (const { key, payload } of writes) kept.set(`${ns}\0${key}`, payload)
        return healthy.write(ns, writes)
      },
      read: (ns, keys, options) =>
        healthy
          .read(ns, keys, options)
          .map((found, index) => found && { ...found, payload: kept.get(`${ns}\0${keys[index]}`) ?? found.payload }),
    }
  }),
  {
    id: 'module-state',
    bug: 'all places share one map',
    killedBy: 'shared.apart',
    harness: {
      name: 'module-state',
      create: ({ clock }) => ({
        open() {
          const one = everywhere.get('one') ?? new MemoryBackend({ clock }, RULES)
          everywhere.set('one', one)
          return delegate(one, { close: async () => undefined })
        },
        async destroy() {
          everywhere.clear()
        },
      }),
    },
  },
  {
    id: 'cache-per-connection',
    bug: 'each connection answers from a cache of its own',
    killedBy: 'shared.one-truth',
    harness: {
      name: 'cache-per-connection',
      create({ clock }) {
        const one = new MemoryBackend({ clock }, RULES)
        return {
          open() {
            const cache = new Map<string, Payload>()
            return delegate(one, {
              capabilities: { ...one.capabilities, shared: true },
              close: async () => undefined,
              write: (ns, writes) => {
                for (const { key, payload } of writes) cache.set(`${ns}\0${key}`, payload)
                return one.write(ns, writes)
              },
              read: (ns, keys, options) =>
                one
                  .read(ns, keys, options)
                  .map(
                    (found, index) =>
                      found && { ...found, payload: cache.get(`${ns}\0${keys[index]}`) ?? found.payload },
                  ),
            })
          },
        }
      },
    },
  },
  {
    id: 'birth-not-persisted',
    bug: 'the birth is forgotten when the place is closed',
    killedBy: 'close.keeps',
    harness: {
      name: 'birth-not-persisted',
      create({ clock }) {
        const one = new MemoryBackend({ clock }, RULES)
        let opened = 0
        return {
          open() {
            const first = opened++ === 0
            return delegate(one, {
              capabilities: { ...one.capabilities, persistent: true },
              close: async () => undefined,
              inspect: (space, ns, keys) =>
                one
                  .inspect(space, ns, keys)
                  .map((reading) => reading && (first ? reading : { ...reading, bornAt: undefined })),
            })
          },
        }
      },
    },
  },
]
