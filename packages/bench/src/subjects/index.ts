import type { Subject } from '../subject.ts'
import { betterSqlite3 } from './better-sqlite3.ts'
import { cacheable } from './cacheable.ts'
import { ioredis } from './ioredis.ts'
import { keyv } from './keyv.ts'
import { lruCache } from './lru-cache.ts'
import { map } from './map.ts'
import { nodeRedis } from './node-redis.ts'
import { ours } from './ours.ts'
import { postgresDrivers } from './postgres-drivers.ts'
import { sessions } from './sessions.ts'
import { unstorage } from './unstorage.ts'

/** The first driver of a backend is what its subjects are compared with. */
export const SUBJECTS: readonly Subject[] = [
  ...ours,
  map,
  ...betterSqlite3,
  ...ioredis,
  nodeRedis,
  ...postgresDrivers,
  lruCache,
  ...keyv,
  ...cacheable,
  unstorage,
  ...sessions,
]
