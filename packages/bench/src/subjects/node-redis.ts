import { createClient } from 'redis'
import type { Entries, Subject, Value } from '../subject.ts'

const parsed = (text: string | null): Value | undefined => (text === null ? undefined : JSON.parse(text))

export const nodeRedis: Subject = {
  name: 'node-redis',
  backend: 'redis',
  role: 'driver',
  packages: ['redis'],
  note: 'without its default timeout for commands, which costs it much',
  async open({ redisUrl, ttlMs }) {
    const client = createClient({ url: redisUrl(), commandOptions: { timeout: 0 } })
    await client.connect()
    const entriesUnder = (space: string): Required<Entries> => {
      const name = (key: string) => `node:${space}:${key}`
      const set = (key: string, value: Value, ms = ttlMs) =>
        client.set(name(key), JSON.stringify(value), { expiration: { type: 'PX', value: ms } })
      return {
        set,
        get: async (key) => parsed(await client.get(name(key))),
        delete: (key) => client.del(name(key)),
        touch: (key) => client.pExpire(name(key), ttlMs),
        getMany: async (keys) =>
          (await client.mGet(keys.map(name))).filter((text) => parsed(text) !== undefined).length,
        setMany: (list) => Promise.all(list.map(([key, value]) => set(key, value))),
      }
    }
    const entries = entriesUnder('entry')
    return {
      entries,
      sliding: {
        ...entriesUnder('idle'),
        get: async (key) => parsed(await client.getEx(`node:idle:${key}`, { type: 'PX', value: ttlMs })),
      },
      groups: {
        write(id, members) {
          const multi = client.multi()
          for (const [member, value] of Object.entries(members))
            multi.set(`node:${id}:${member}`, JSON.stringify(value), { expiration: { type: 'PX', value: ttlMs } })
          return multi.exec()
        },
        read: async (id, members) =>
          (await client.mGet(members.map((member) => `node:${id}:${member}`))).filter(
            (text) => parsed(text) !== undefined,
          ).length,
        touch(id, members) {
          const multi = client.multi()
          for (const member of members) multi.pExpire(`node:${id}:${member}`, ttlMs)
          return multi.exec()
        },
      },
      close: () => client.close(),
    }
  },
}
