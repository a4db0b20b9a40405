/** What the `ttl` command prints, for docs/cli.md: run for real, on a file that is always the same, at an instant that is. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { fillSqlite } from '../../packages/cli/test/support/shop.ts'
import { ROOT } from './blocks.ts'

const NOW = '2026-06-01T12:00:00Z'
const CLI = join(ROOT, 'packages/cli')

const CARTS = '--table carts --expires-at expires_at --key id --type iso'

/** The transcripts of the page by their names. A line is a command; each transcript begins with the same file. */
const TRANSCRIPTS: Readonly<Record<string, readonly string[]>> = {
  stats: ['ttl stats sqlite:app.db'],
  forecast: ['ttl forecast sqlite:app.db'],
  preview: ['ttl preview sqlite:app.db --within 1d', 'ttl preview sqlite:app.db --show 2'],
  sweep: ['ttl sweep sqlite:app.db --older-than 1h --limit 20', 'ttl sweep sqlite:app.db'],
  own: [
    `ttl stats sqlite:shop.db ${CARTS}`,
    `ttl schema sqlite:shop.db ${CARTS} > index.sql`,
    'sqlite3 shop.db < index.sql',
    `ttl preview sqlite:shop.db ${CARTS}`,
    `ttl sweep sqlite:shop.db ${CARTS}`,
  ],
  entry: ['ttl get sqlite:app.db session s1', 'ttl expiry sqlite:app.db session s1'],
  explain: ['ttl explain sqlite:app.db session s1 --ttl 2d --max 1d'],
  transfer: ['ttl transfer sqlite:app.db sqlite:copy.db', 'ttl transfer sqlite:app.db sqlite:copy.db'],
  schema: ['ttl schema postgres: --schema app --grants web', 'ttl schema env:DATABASE_URL --cron'],
  json: ['ttl stats sqlite:app.db --namespace token --json', 'ttl sweep sqlite:app.db --limit 20 --json'],
  failures: ['ttl stats sqlite:nothing.db', 'ttl sweep sqlite:app.db --max-time 50', 'ttl stats app.db'],
}

/** Each transcript as it belongs into the page. */
export async function transcripts(): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'ttl-docs-cli-'))
  try {
    await fillSqlite(join(folder, 'original.db'))
    const shop = new Database(join(folder, 'shop.db'))
    shop.exec(`CREATE TABLE carts (id TEXT PRIMARY KEY, expires_at TEXT);
      INSERT INTO carts VALUES ('a1', '2026-06-01T09:00:00.000Z'), ('b2', '2026-06-08T12:00:00.000Z'), ('c3', NULL)`)
    shop.close()
    return new Map(Object.entries(TRANSCRIPTS).map(([name, lines]) => [name, transcript(folder, lines)]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function transcript(folder: string, lines: readonly string[]): string {
  rmSync(join(folder, 'copy.db'), { force: true })
  copyFileSync(join(folder, 'original.db'), join(folder, 'app.db'))
  return `\`\`\`console\n${lines.map((line) => `$ ${line}\n${answer(folder, line)}`).join('\n')}\`\`\``
}

/** What a line answers. The shell is played: a file that output goes to, and the shell of SQLite that reads one. */
function answer(cwd: string, line: string): string {
  const [, database, script] = /^sqlite3 (\S+) < (\S+)$/.exec(line) ?? []
  if (database !== undefined && script !== undefined) {
    const db = new Database(join(cwd, database))
    db.exec(readFileSync(join(cwd, script), 'utf8'))
    db.close()
    return ''
  }
  const [command = '', file] = line.split(' > ')
  const printed = ran(cwd, command.split(' ').slice(1))
  if (file === undefined) return printed
  writeFileSync(join(cwd, file), printed)
  return ''
}

function ran(cwd: string, args: readonly string[]): string {
  const { NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, ...env } = process.env
  const still = pathToFileURL(join(CLI, 'test/support/still.mjs')).href
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(CLI, 'dist/main.js'), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...env, NODE_OPTIONS: `--import ${still}`, TTL_TEST_NOW: NOW, DATABASE_URL: 'postgres://localhost/app' },
  })
  return `${stdout}${stderr}${status === 0 ? '' : `(exit code ${status})\n`}`
}
