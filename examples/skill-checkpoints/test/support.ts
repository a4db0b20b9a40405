import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scene } from '@ttl/backends'
import { createStore } from '@ttl/core'
import Database from 'better-sqlite3'
import pg from 'pg'
import { inject } from 'vitest'
import {
  type Archive,
  POSTGRES_TABLE,
  postgresDatabase,
  SkillCheckpoints,
  SQLITE_TABLE,
  StoreArchive,
  sqliteDatabase,
  TableArchive,
} from '../src/index.ts'

export const DAY = 86_400_000
export const ARCHITECT = 'skill:lead-architect'

export interface Connection {
  readonly query: (sql: string) => Promise<readonly unknown[]>
  readonly end: () => Promise<void>
}

export interface Stage extends AsyncDisposable {
  readonly archive: Archive
  readonly skills: SkillCheckpoints
  readonly table: TableArchive['table'] | undefined
  /** SQL of the application, on the backends that have a table. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
  /** A script of several statements. */
  readonly script: (sql: string) => Promise<unknown>
  /** A connection of one's own, for transactions. */
  readonly connect: () => Promise<Connection>
}

export interface StageOptions {
  readonly ttlDays?: number | undefined
  /** Time as the database has it, instead of the scene's. */
  readonly ownClock?: boolean | undefined
  /** SQL that is run on each connection of PostgreSQL, and before the table is made. */
  readonly settings?: string | undefined
}

/** The application on a scene: on a table of its own where the scene is a database, else on a store. */
export async function stageOn(
  scene: Pick<Scene, 'name' | 'clock' | 'backend'>,
  options: StageOptions = {},
): Promise<Stage> {
  const clock = options.ownClock ? undefined : scene.clock
  const on = (archive: Archive, sql: Pick<Stage, 'query' | 'script' | 'connect'>, end: () => Promise<void>): Stage => ({
    archive,
    skills: new SkillCheckpoints(archive, options.ttlDays),
    table: archive instanceof TableArchive ? archive.table : undefined,
    ...sql,
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]()
      await end()
    },
  })
  if (scene.name === 'PostgreSQL') {
    const schema = `app_${process.pid}_${process.hrtime.bigint().toString(36)}`
    const settings = `-c search_path=${schema} ${options.settings ?? ''}`
    const pool = new pg.Pool({ connectionString: inject('postgresUrl'), options: settings })
    await pool.query(`CREATE SCHEMA ${schema}; ${POSTGRES_TABLE}`)
    const archive = new TableArchive(postgresDatabase(pool, clock))
    await pool.query(archive.table.indexSql())
    const query: Stage['query'] = async (sql, values = []) => (await pool.query(sql, [...values])).rows
    const connect: Stage['connect'] = async () => {
      const client = await pool.connect()
      return { query: async (sql) => (await client.query(sql)).rows, end: async () => client.release() }
    }
    return on(archive, { query, script: (sql) => pool.query(sql), connect }, async () => {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`)
      await pool.end()
    })
  }
  if (scene.name === 'SQLite') {
    const folder = mkdtempSync(join(tmpdir(), 'skill-checkpoints-'))
    const db = new Database(join(folder, 'app.db'))
    db.exec(SQLITE_TABLE)
    const archive = new TableArchive(sqliteDatabase(db, clock))
    db.exec(archive.table.indexSql())
    const query: Stage['query'] = async (sql, values = []) => {
      const statement = db.prepare(sql)
      if (statement.reader) return statement.all(...values) as Record<string, unknown>[]
      statement.run(...values)
      return []
    }
    const connect: Stage['connect'] = async () => ({ query, end: async () => {} })
    return on(archive, { query, script: async (sql) => db.exec(sql), connect }, async () => {
      db.close()
      rmSync(folder, { recursive: true })
    })
  }
  const none = () => Promise.reject(new Error(`${scene.name} has no table`))
  return on(
    new StoreArchive(createStore({ backend: scene.backend })),
    { query: none, script: none, connect: none },
    async () => {},
  )
}

/** With the index that makes counting cheap on Redis. */
export const COUNTING = { redis: { index: true } } as const
/** Where the application has a table of its own. */
export const TABLES = ['SQLite', 'PostgreSQL'] as const
/** Where what has expired is deleted by a clean-up. */
export const SWEPT = ['memory', 'SQLite', 'PostgreSQL'] as const
