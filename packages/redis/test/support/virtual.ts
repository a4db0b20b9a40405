import type { Redis } from 'ioredis'
import type { RedisClient } from '../../src/index.ts'

/** Far ahead, so that nothing expires by the server's own clock. */
export const T0 = Date.UTC(2100, 0, 1)

/** A server whose clock is in the hands of the test: scripts are told the time, and what is due is removed as Redis would. */
export class VirtualServer {
  at = T0
  readonly client: RedisClient
  readonly #redis: Redis
  readonly #prefix: string

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
    const own: Record<string, unknown> = {
      evalshaBuffer: async () => {
        throw new Error('NOSCRIPT')
      },
      evalBuffer: (source: string, ...rest: [number, ...string[]]) => {
        const told = source.replace('local call = redis.call', () => this.#told())
        return (redis as unknown as { evalBuffer: (...args: unknown[]) => unknown }).evalBuffer(told, ...rest)
      },
      set: (key: string, value: string, option: string, ms: number) =>
        option === 'PX' ? redis.set(key, value, 'PXAT', this.at + ms) : redis.set(key, value),
      time: async () => [String(Math.floor(this.at / 1_000)), String((this.at % 1_000) * 1_000)],
    }
    this.client = new Proxy(redis, {
      get: (target, name) => {
        if (typeof name === 'string' && name in own) return own[name]
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }) as unknown as RedisClient
  }

  /** `redis.call`, as if it were another time. */
  #told(): string {
    return `local function call(name, key, ...)
      if name == 'TIME' then return { '${Math.floor(this.at / 1_000)}', '${(this.at % 1_000) * 1_000}' } end
      if name == 'PEXPIRE' then
        local span, flag = ...
        return redis.call('PEXPIREAT', key, ${this.at} + span, flag)
      end
      if name == 'PTTL' then
        local ends = redis.call('PEXPIRETIME', key)
        return ends < 0 and ends or ends - ${this.at}
      end
      return redis.call(name, key, ...)
    end`
  }

  /** Lets time pass, and Redis expire. */
  async advance(ms: number): Promise<void> {
    this.at += ms
    await this.#redis.eval(
      `for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
        local at = redis.call('PEXPIRETIME', key)
        if at >= 0 and at <= tonumber(ARGV[2]) then redis.call('DEL', key) end
      end`,
      0,
      `${this.#prefix}*`,
      String(this.at),
    )
  }

  async clear(): Promise<void> {
    await this.#redis.eval(
      "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end",
      0,
      `${this.#prefix}*`,
    )
  }
}
