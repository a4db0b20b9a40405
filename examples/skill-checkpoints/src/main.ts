#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '@ttl/core/testing'
import Database from 'better-sqlite3'
import { SQLITE_TABLE, sqliteDatabase } from './sqlite.ts'
import { tell } from './story.ts'
import { TableArchive } from './table-archive.ts'

const folder = mkdtempSync(join(tmpdir(), 'skill-checkpoints-'))
const db = new Database(join(folder, 'app.db'))
try {
  const clock = manualClock('2026-01-31T09:00:00Z')
  db.exec(SQLITE_TABLE)
  await using archive = new TableArchive(sqliteDatabase(db, clock))
  db.exec(archive.table.indexSql())
  for await (const text of tell(archive, clock)) process.stdout.write(text)
  const crontab = archive.table.crontab().replace(folder, '/srv')
  process.stdout.write(`\n  and for cron, where no process of yours sweeps:\n  ${crontab.slice(0, 74)} …\n`)
} finally {
  db.close()
  rmSync(folder, { recursive: true })
}
