import { randomBytes } from 'node:crypto'
import type { Backend, Expiry, Payload, Placement, Write } from '@ttl/core/adapter'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import {
  type PostgresBackend,
  type PostgresClient,
  type PostgresOptions,
  type PostgresQuery,
  postgres,
} from '../src/index.ts'

export const T0 = Date.UTC(2026, 0, 1)

/** A clock in the hands of the test, in milliseconds. */
export class Hands {
  at = T0
  now(): number {
    return this.at
  }
}

export const VERSIONS = { 18: 'postgres18', 15: 'postgres15' } as const
export const urlOf = (version: keyof typeof VERSIONS): string => inject(VERSIONS[version])

const undo: (() => unknown)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

export function finallyDo(step: () => unknown): void {
  undo.push(step)
}

/** A pool of the test's own. */
export function poolOf(url: string = urlOf(18), config: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 10, ...config })
  pool.on('error', () => {})
  finallyDo(() => pool.end())
  return pool
}

/** A name for a table that nobody else has. */
export const freshTable = (): string => `t${randomBytes(6).toString('hex')}`

export interface Place {
  readonly pool: pg.Pool
  readonly table: string
  readonly backend: PostgresBackend
  open(options?: PostgresOptions): PostgresBackend
}

/** A backend on tables of its own; they go when the file ends. */
export function freshPlace(options: PostgresOptions = {}, pool: pg.Pool = poolOf()): Place {
  const table = options.table ?? freshTable()
  const open = (more: PostgresOptions = {}): PostgresBackend => postgres(pool, { ...options, ...more, table })
  return { pool, table, backend: open(), open }
}

/** A table, quoted. */
export function quoted(table: string, schema?: string): string {
  return [...(schema === undefined ? [] : [schema]), table].map((part) => pg.escapeIdentifier(part)).join('.')
}

/** Removes what is in a table that a backend made, if it did. */
export async function emptyTables(pool: pg.Pool, table: string, schema?: string): Promise<void> {
  try {
    await pool.query(`DELETE FROM ${quoted(table, schema)}; DELETE FROM ${quoted(`${table}_members`, schema)}`)
  } catch (error) {
    if ((error as { code?: string }).code !== '42P01') throw error
  }
}

export const rolling = (ttlMs: number | undefined, more: Partial<Expiry> = {}): Placement => ({
  onLive: 'replace',
  expiry: { ttlMs, maxAgeMs: undefined, expiresAt: undefined, restartOn: 'write', refreshAfter: 0, ...more },
  limitMs: undefined,
})

export const sliding = (ttlMs: number, more: Partial<Expiry> = {}): Placement =>
  rolling(ttlMs, { restartOn: 'access', ...more })

export const write = (key: string, payload: Payload = 'v', placement: Placement = rolling(60_000)): Write => ({
  key,
  payload,
  placement,
})

export const READ = { touch: true, detail: false, sliding: false } as const
export const SLIDE = { touch: true, detail: false, sliding: true } as const
export const DETAIL = { touch: true, detail: true, sliding: true } as const
export const PEEK = { touch: false, detail: true, sliding: false } as const

/** Sweeps until nothing is waiting; answers how many were deleted. */
export async function sweepAll(backend: Backend, asOf?: number): Promise<number> {
  let count = 0
  for (;;) {
    const { deleted, more } = await backend.sweep({ limit: 10_000, asOf })
    for (const each of deleted.values()) count += each
    if (!more) return count
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Writes down every row that is deleted although it lives: what a careless sweep would do. */
export async function witness(pool: pg.Pool, table: string): Promise<void> {
  const [items, lost, trap] = ['', '_lost', '_trap'].map((suffix) => quoted(`${table}${suffix}`))
  await pool.query(`
    CREATE TABLE ${lost} (key text, expires_at bigint);
    CREATE FUNCTION ${trap}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO ${lost} VALUES (OLD.key, OLD.expires_at); RETURN NULL; END $$;
    CREATE TRIGGER trap AFTER DELETE ON ${items} FOR EACH ROW
      WHEN (OLD.expires_at IS NULL OR OLD.expires_at > date_part('epoch', clock_timestamp()) * 1000) EXECUTE FUNCTION ${trap}()`)
}

export async function dropWitness(pool: pg.Pool, table: string): Promise<void> {
  await pool.query(`DROP FUNCTION ${quoted(`${table}_trap`)} CASCADE; DROP TABLE ${quoted(`${table}_lost`)}`)
}

/** A client that keeps every statement that it passes on. */
export function watching(pool: pg.Pool): { readonly client: PostgresClient; readonly seen: PostgresQuery[] } {
  const seen: PostgresQuery[] = []
  const client: PostgresClient = {
    query(query) {
      seen.push(query)
      return pool.query(query)
    },
  }
  return { client, seen }
}
