import { TtlError } from '@ttl/core'
import type { Context } from '../context.ts'
import { Interrupted, StoreFailure, UsageError } from '../exit.ts'
import { checkLocated, type Kind, type Place } from '../place.ts'
import { reasonOf } from '../reason.ts'
import type { Access, Kept, Opened, Which } from './opened.ts'
import { isOwn, type Own, openOwn } from './own-table.ts'
import { openPostgres } from './postgres.ts'
import { openRedis } from './redis.ts'
import { openSqlite } from './sqlite.ts'

export type { Access, Kept, Opened, Which } from './opened.ts'
export type { Own } from './own-table.ts'

/**
 * Opens a store, hands it on, and closes it whatever comes of that.
 *
 * @throws {@link StoreFailure} that names the store and what it said
 */
export function withStore<T>(
  context: Context,
  place: Place,
  which: Which,
  access: Access,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  checkWhich(checkLocated(place), which)
  return using(context, place, which, () => open(place, which, access), use)
}

/** The same for a store or, where the options say so, a table of the application's own. */
export function withKept<T>(
  context: Context,
  place: Place,
  own: Own,
  access: Access,
  use: (kept: Kept) => Promise<T>,
): Promise<T> {
  if (!isOwn(own)) return withStore(context, place, own, access, use)
  checkWhich(checkLocated(place), own)
  return using(context, place, own, () => openOwn(place, own, access), use)
}

/** What fails names its store. */
async function using<Thing extends Kept, T>(
  context: Context,
  { label, kind }: Place,
  which: Which,
  open: () => Promise<Thing>,
  use: (thing: Thing) => Promise<T>,
): Promise<T> {
  try {
    const thing = await open()
    try {
      return await use(thing)
    } finally {
      await thing.close()
    }
  } catch (error) {
    if ([UsageError, StoreFailure, Interrupted].some((kind) => error instanceof kind)) throw error
    const unindexed =
      kind === 'redis' && which.index === undefined && error instanceof TtlError && error.code === 'TTL_UNSUPPORTED'
    throw new StoreFailure(`${label}: ${unindexed ? UNINDEXED : reasonOf(error, context.secrets)}`, { cause: error })
  }
}

function open({ kind, target }: Place, which: Which, access: Access): Promise<Opened> {
  if (kind === 'sqlite') return openSqlite(target, which, access)
  if (kind === 'postgres') return openPostgres(target, which, access)
  return openRedis(target, which)
}

const UNINDEXED =
  'Redis cannot tell this without reading everything. Where the application keeps an index, redis({ …, index: true }), add --index'

const FOR: Readonly<Record<keyof Which, readonly Kind[]>> = {
  table: ['sqlite', 'postgres'],
  schema: ['postgres'],
  prefix: ['redis'],
  index: ['redis'],
  cluster: ['redis'],
}

/** @throws {@link UsageError} for an option that is for stores of another kind */
export function checkWhich({ kind, label }: Place, which: Which): void {
  for (const [name, kinds] of Object.entries(FOR)) {
    if (which[name as keyof Which] !== undefined && !kinds.includes(kind))
      throw new UsageError(`--${name} is for ${kinds.join(' and ')}, not for ${label}`)
  }
}
