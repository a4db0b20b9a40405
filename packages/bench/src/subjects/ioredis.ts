import { Redis } from 'ioredis'
import * as ioredis5 from 'ioredis5'
import type { Entries, Place, Subject, Value } from '../subject.ts'

type Client = Pick<Redis, 'set' | 'get' | 'getex' | 'del' | 'pexpire' | 'mget' | 'pipeline' | 'multi' | 'disconnect'>

const parsed = (text: string | null): Value | undefined => (text === null ? undefined : JSON.parse(text))

/** As most applications use it: one command per operation, a pipeline for many. */
function bare(client: Client, prefix: string, { ttlMs }: Place) {
  const entriesUnder = (space: string): Required<Entries> => {
    const name = (key: string) => `${prefix}${space}:${key}`
    return {
      set: (key, value, ms = ttlMs) => client.set(name(key), JSON.stringify(value), 'PX', ms),
      get: async (key) => parsed(await client.get(name(key))),
      delete: (key) => client.del(name(key)),
      touch: (key) => client.pexpire(name(key), ttlMs),
      getMany: async (keys) => (await client.mget(keys.map(name))).filter((text) => parsed(text) !== undefined).length,
      setMany(list) {
        const pipeline = client.pipeline()
        for (const [key, value] of list) pipeline.set(name(key), JSON.stringify(value), 'PX', ttlMs)
        return pipeline.exec()
      },
    }
  }
  const entries = entriesUnder('entry')
  const sliding: Entries = {
    ...entriesUnder('idle'),
    get: async (key) => parsed(await client.getex(`${prefix}idle:${key}`, 'PX', ttlMs)),
  }
  return {
    entries,
    sliding,
    groups: {
      write(id: string, members: Readonly<Record<string, Value>>) {
        const multi = client.multi()
        for (const [member, value] of Object.entries(members))
          multi.set(`${prefix}${id}:${member}`, JSON.stringify(value), 'PX', ttlMs)
        return multi.exec()
      },
      read: async (id: string, members: readonly string[]) =>
        (await client.mget(members.map((member) => `${prefix}${id}:${member}`))).filter(
          (text) => parsed(text) !== undefined,
        ).length,
      touch(id: string, members: readonly string[]) {
        const multi = client.multi()
        for (const member of members) multi.pexpire(`${prefix}${id}:${member}`, ttlMs)
        return multi.exec()
      },
    },
    close: () => client.disconnect(),
  }
}

export const ioredis: readonly Subject[] = [
  {
    name: 'ioredis',
    backend: 'redis',
    role: 'driver',
    packages: ['ioredis'],
    note: 'SET … PX, GET, GETEX; groups of ten keys in a MULTI',
    open: async (place) => bare(new Redis(place.redisUrl()), `bare${place.name}:`, place),
  },
  {
    name: 'ioredis 5',
    backend: 'redis',
    role: 'driver',
    packages: ['ioredis5'],
    open: async (place) => bare(new ioredis5.Redis(place.redisUrl()) as unknown as Client, 'bare5:', place),
  },
]
