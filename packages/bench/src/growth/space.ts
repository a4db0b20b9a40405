import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { Redis } from 'ioredis'
import pg from 'pg'
import { enter, type Ground } from '../places.ts'
import type { BackendName } from '../subject.ts'
import { SUBJECTS } from '../subjects/index.ts'
import type { Study } from './finding.ts'
import { stock } from './stock.ts'

const ENTRIES = 100_000

/** Bytes that a place needs, with everything in it. */
async function bytesAt(backend: BackendName, ground: Ground): Promise<number> {
  if (backend === 'redis') {
    const client = new Redis(ground.redisUrl())
    const info = await client.info('memory')
    client.disconnect()
    return Number(info.match(/^used_memory:(\d+)/m)?.[1])
  }
  if (backend === 'postgres') {
    const client = new pg.Client(ground.postgresUrl())
    await client.connect()
    const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes')
    await client.end()
    return Number(rows[0]?.bytes)
  }
  const directory = dirname(ground.file('any'))
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.db'))) {
    const db = new Database(join(directory, name))
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.close()
  }
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
}

/** Memory is measured by `memory.ts`. */
export const spaceStudy: Study = {
  name: 'space',
  title: 'bytes of an entry where it is kept: 100 bytes of JSON, a key of 14, its deadline, and all indexes',
  async run({ sizes }, backends, report) {
    const size = Math.min(ENTRIES, sizes.at(-1) ?? 0)
    for (const backend of backends.filter((name) => name !== 'memory')) {
      for (const subject of SUBJECTS.filter((each) => each.backend === backend)) {
        const ground = await enter(backend, { ttlMs: 86_400_000, poolSize: 10, sharedBuffers: '128MB' })
        try {
          const opened = await subject.open(ground)
          await opened.entries.set('first', { id: '', text: '' })
          const before = await bytesAt(backend, ground)
          await stock(opened.entries, size)
          const bytes = ((await bytesAt(backend, ground)) - before) / size
          await opened.close()
          report({ study: 'space', backend, subject: subject.name, size, figures: { bytes } })
        } finally {
          await ground.leave()
        }
      }
    }
  },
}
