import { resolve } from 'node:path'
import { TtlError } from '@ttl/core'
import type { SqliteDatabase } from '../client.ts'
import { isMemory } from '../target.ts'
import type { AdoptedTable } from './adopted.ts'
import { FORMATS } from './formats.ts'
import { shapeOf } from './shape.ts'

const ROWS_AT_ONCE = 10_000

/** Deletes a batch, and tells how many rows: again until none. Rows of one deadline go together. */
export function sweepSql(described: AdoptedTable): string {
  const { table, deadline, where } = shapeOf(described)
  const format = FORMATS[described.type]
  const wanted = `${format.readSql(deadline)}${where === undefined ? '' : ` AND ${where}`}`
  // Makes no sense of a condition that closes parentheses which it did not open, in the same statement: a script may go on after an error.
  const bare = described.where === undefined ? '' : ` AND (1 OR CASE WHEN ${described.where.sql}\nTHEN 1 END)`
  const due = `SELECT ${deadline} AS ttl$d FROM ${table} WHERE ${deadline} <= ${format.writeSql(undefined)} AND ${wanted} ORDER BY ${deadline} LIMIT ${ROWS_AT_ONCE}`
  return [
    'PRAGMA foreign_keys = ON;',
    `DELETE FROM ${table} WHERE ${deadline} <= (SELECT max(ttl$d) FROM (${due})) AND ${wanted}${bare};`,
    'SELECT changes();',
  ].join('\n')
}

/** Batches with pauses between them, by the shell of SQLite. */
export function crontabLine(
  { target, table }: { readonly target: string | SqliteDatabase; readonly table: AdoptedTable },
  schedule: string,
): string {
  if (isMemory(target)) throw new TtlError('TTL_UNSUPPORTED', 'crontab of expiringTable() needs a database in a file')
  const path = typeof target === 'string' ? target : target.name
  const file = path.startsWith('file:') ? path : resolve(path)
  const sql = oneLine(sweepSql(table))
  const batch = `sqlite3 -batch -cmd '.timeout 5000' ${shell(file)} ${shell(sql)}`
  // To cron a bare % ends the line.
  return `${schedule} ${`while n=$(${batch}) && [ "$n" -gt 0 ]; do sleep 0.1; done`.replaceAll('%', '\\%')}`
}

const TOKENS = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\s+/g

/** Without comments, which would go on to the end of the line. */
function oneLine(sql: string): string {
  return sql.replaceAll(TOKENS, (token) => {
    if (/^(?:--|\/\*|\s)/.test(token)) return ' '
    if (!token.includes('\n')) return token
    throw new TtlError(
      'TTL_UNSUPPORTED',
      'crontab of expiringTable() needs SQL of one line, but a text or a name in it holds a line break; write it as char(10)',
    )
  })
}

function shell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
