import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createStore } from '@ttl/core'
import { sqlite } from '@ttl/sqlite'
import Database from 'better-sqlite3'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { directory, MAIN, runStill, text } from './support/run.ts'
import { fillSqlite } from './support/shop.ts'

const cwd = directory()
const ttl = (...args: string[]) => runStill(args, { cwd })

beforeAll(() => fillSqlite(join(cwd, 'original.db')))
beforeEach(() => copyFileSync(join(cwd, 'original.db'), join(cwd, 'app.db')))

describe('ttl stats', () => {
  it('counts by namespace', async () => {
    expect(await ttl('stats', 'sqlite:app.db')).toEqual({
      code: 0,
      stderr: '',
      stdout: text`
      namespace  kind     live  never expire  expired  next expires  last expires
      session    entries     2             0       40  in 30m        in 2h
      thread     groups      1             0        0  in 3d         in 3d
      token      entries     2             1        3  in 6d         in 6d

      Next to expire: one in session, in 30m (2026-06-01 12:30:00 UTC).
      43 have expired and can be removed: ttl sweep
      `,
    })
  })

  it('of one namespace, for programs', async () => {
    const { stdout, code } = await ttl('stats', 'sqlite:app.db', '--namespace', 'token', '--json')
    expect(code).toBe(0)
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toEqual({
      store: 'sqlite:app.db',
      now: '2026-06-01T12:00:00.000Z',
      namespaces: [
        {
          namespace: 'token',
          entries: {
            permanent: 1,
            active: 1,
            expired: 3,
            nextExpiresAt: '2026-06-07T12:00:00.000Z',
            lastExpiresAt: '2026-06-07T12:00:00.000Z',
          },
          groups: { permanent: 0, active: 0, expired: 0 },
        },
      ],
    })
  })

  it('says so where there is nothing', async () => {
    expect((await ttl('stats', 'sqlite:app.db', '-n', 'nope')).stdout).toBe(
      'Nothing is stored in nope of sqlite:app.db.\n',
    )
    await createStore({ backend: sqlite(join(cwd, 'empty.db')) }).stats()
    expect((await ttl('stats', 'sqlite:empty.db')).stdout).toBe('Nothing is stored in sqlite:empty.db.\n')
  })
})

describe('ttl preview', () => {
  it('lists what a sweep would remove', async () => {
    expect(await ttl('preview', 'sqlite:app.db', '-n', 'token')).toEqual({
      code: 0,
      stderr: '',
      stdout: text`
      Expired in sqlite:app.db: 3 items

      expires  at                       namespace  kind   key
      2h ago   2026-06-01 10:00:00 UTC  token      entry  t1
      1h ago   2026-06-01 11:00:00 UTC  token      entry  t2
      now      2026-06-01 12:00:00 UTC  token      entry  t3
      `,
    })
  })

  it('of what comes leaves out what is expired already', async () => {
    const { stdout } = await ttl('preview', 'sqlite:app.db', '--within', '3d')
    expect(stdout).toBe(text`
      Expires within 3d in sqlite:app.db, unless it is refreshed: 3 items
        session  2
        thread   1

      expires  at                       namespace  kind   key
      in 30m   2026-06-01 12:30:00 UTC  session    entry  s1
      in 2h    2026-06-01 14:00:00 UTC  session    entry  s2
      in 3d    2026-06-04 12:00:00 UTC  thread     group  t1
      `)
  })

  it('prints no more than it was asked for, and says how much there is', async () => {
    const { stdout } = await ttl('preview', 'sqlite:app.db', '--show', '1', '--limit', '42', '-n', 'session')
    expect(stdout).toMatch(/^Expired in sqlite:app.db: 40 items\n/)
    expect(stdout.trimEnd().split('\n')).toHaveLength(5)
    expect(stdout).toContain('… and 39 more; ttl preview with the same options and --show 40 prints them\n')
    const cut = await ttl('preview', 'sqlite:app.db', '--limit', '7', '--json')
    expect(JSON.parse(cut.stdout)).toMatchObject({ found: 7, more: true, byNamespace: { session: 7 } })
  })
})

describe('ttl preview of more than a call takes arguments', () => {
  it('prints all that it was asked for', async () => {
    const db = new Database(join(cwd, 'many.db'))
    db.exec(`CREATE TABLE carts (id INTEGER PRIMARY KEY, until INTEGER); CREATE INDEX due ON carts (until, id);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000) INSERT INTO carts SELECT i, 1000 FROM n`)
    db.close()
    const own = ['--table', 'carts', '--expires-at', 'until', '--key', 'id', '--type', 'epoch-ms']
    const all = ['--limit', '150000', '--show', '150000']
    const { code, stdout, stderr } = await ttl('preview', 'sqlite:many.db', ...own, ...all)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toHaveLength(150_000 + 4)
  })
})

describe('ttl sweep', () => {
  const count = async () => {
    const { namespaces } = JSON.parse((await ttl('stats', 'sqlite:app.db', '--json')).stdout) as {
      namespaces: { namespace: string; entries: { expired: number } }[]
    }
    return Object.fromEntries(namespaces.map(({ namespace, entries }) => [namespace, entries.expired]))
  }

  it('removes what has expired', async () => {
    expect(await ttl('sweep', 'sqlite:app.db')).toEqual({
      code: 0,
      stderr: '',
      stdout: text`
      Removed 43 items from sqlite:app.db.
        session  40
        token     3
      `,
    })
    expect(await count()).toEqual({ session: 0, thread: 0, token: 0 })
    expect((await ttl('sweep', 'sqlite:app.db')).stdout).toBe('Removed 0 items from sqlite:app.db.\n')
  })

  it('removes nothing in a dry run', async () => {
    const { stdout, code } = await ttl('sweep', 'sqlite:app.db', '--dry-run', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, found: 43, more: false })
    expect(code).toBe(0)
    expect(await count()).toMatchObject({ session: 40, token: 3 })
  })

  it('keeps to its limit, and says by its exit code that more remains', async () => {
    expect(await ttl('sweep', 'sqlite:app.db', '--limit', '10', '-n', 'session')).toEqual({
      code: 3,
      stderr: '',
      stdout: 'Removed 10 items from sqlite:app.db.\nMore remains: run it again (exit code 3).\n',
    })
    const last = await ttl('sweep', 'sqlite:app.db', '--limit', '10000', '--json')
    expect(JSON.parse(last.stdout)).toEqual({
      store: 'sqlite:app.db',
      asOf: '2026-06-01T12:00:00.000Z',
      deleted: 33,
      byNamespace: { session: 30, token: 3 },
      more: false,
    })
    expect(last.code).toBe(0)
  })

  for (const cutOff of [
    ['--older-than', '90m'],
    ['--as-of', '-90m'],
    ['--as-of', '2026-06-01T10:30:00Z'],
  ]) {
    it(`spares what expired after the cut-off ${cutOff.join(' ')}`, async () => {
      expect((await ttl('sweep', 'sqlite:app.db', '-n', 'token', ...cutOff)).stdout).toContain('Removed 1 item from')
      expect(await count()).toMatchObject({ session: 40, token: 2 })
    })
  }

  for (const args of [[], ['--dry-run'], ['--dry-run', '--json']]) {
    it(`refuses a cut-off that is still to come ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await ttl('sweep', 'sqlite:app.db', '--as-of', '+1d', ...args)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^ttl: --as-of 2026-06-02 12:00:00 UTC is still to come/)
      expect(await count()).toMatchObject({ session: 40 })
    })
  }

  it('a dry run tells how to see all of it', async () => {
    const { stdout } = await ttl('sweep', 'sqlite:app.db', '--dry-run')
    expect(stdout).toContain('… and 23 more; ttl preview with the same options and --show 43 prints them\n')
  })

  it('is silent when it is told to', async () => {
    expect(await ttl('sweep', 'sqlite:app.db', '--dry-run', '--quiet', '--json')).toMatchObject({ code: 0, stdout: '' })
    expect(await ttl('sweep', 'sqlite:app.db', '--limit', '1', '--quiet', '--json')).toMatchObject({
      code: 3,
      stdout: '',
    })
    expect(await ttl('sweep', 'sqlite:app.db', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('ttl forecast', () => {
  it('plots how much expires when', async () => {
    expect((await ttl('forecast', 'sqlite:app.db')).stdout).toBe(text`
      What expires when in sqlite:app.db, if nothing is refreshed; now is 2026-06-01 12:00:00 UTC

      expired     43  ████████████████████████████████████████████████████████████████
      next hour    1  █▌
      1h – 1d      1  █▌
      1d – 7d      2  ███
      7d – 30d     0
      30d – 90d    0
      90d – 365d   0
      after 365d   0
      never        1  █▌
      `)
  })

  it('by buckets of any length, for programs', async () => {
    const { stdout } = await ttl('forecast', 'sqlite:app.db', '--within', '1h,4h', '-n', 'session', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      namespace: 'session',
      buckets: [
        { withinMs: 3_600_000, until: '2026-06-01T13:00:00.000Z', entries: 1, groups: 0 },
        { withinMs: 14_400_000, entries: 1 },
        { entries: 0 },
      ],
      expired: { entries: 40, groups: 0 },
    })
  })
})

describe('one entry', () => {
  it('ttl get prints what is stored: text, bytes as base64 or raw, the members of a group', async () => {
    const out = async (...args: string[]) => (await ttl('get', 'sqlite:app.db', ...args)).stdout
    expect(await out('session', 's1')).toBe('{"user":"ada"}\n')
    expect(await out('token', 'key')).toBe('AQL/\n')
    expect(Buffer.from(await out('session', 's1', '--raw'))).toEqual(Buffer.from('{"user":"ada"}'))
    expect(await out('thread', 't1', '--group')).toBe('a\t1\nb\t{"x":2}\n')
    expect(await out('thread', 't1', '--group', '--member', 'b')).toBe('{"x":2}\n')
    expect(JSON.parse(await out('token', 'key', '--json'))).toMatchObject({ encoding: 'base64', value: 'AQL/' })
    expect(JSON.parse(await out('session', 's1', '--json'))).toMatchObject({ encoding: 'json', value: { user: 'ada' } })
  })

  it('ttl get --json changes no number', async () => {
    await using store = createStore({ backend: sqlite(join(cwd, 'numbers.db')) })
    const codec = { encode: (value: unknown) => String(value), decode: String }
    const numbers = '{"a":[12345678901234567890,1e999,-0,1.50],"b":{"c":0.1,"d":"1e999"}}'
    await store.namespace('n', { codec }).set('k', numbers)
    const { stdout } = await ttl('get', 'sqlite:numbers.db', 'n', 'k', '--json')
    expect(stdout).toContain(`"encoding":"json","value":${numbers}}`)
  })

  it('ttl get restarts nothing', async () => {
    const expiry = async () => (await ttl('expiry', 'sqlite:app.db', 'session', 's1', '--json')).stdout
    const before = await expiry()
    await runStill(['get', 'sqlite:app.db', 'session', 's1'], { cwd, env: { TTL_TEST_NOW: '2026-06-01T12:10:00Z' } })
    expect(await expiry()).toBe(before)
  })

  it('ttl expiry tells when it expires, and what restarts it', async () => {
    expect((await ttl('expiry', 'sqlite:app.db', 'session', 's1')).stdout).toBe(text`
      s1
        expires    in 30m (2026-06-01 12:30:00 UTC)
        window     30m, restarted by each write and each read
        at latest  in 12h (2026-06-02 00:00:00 UTC)
        born       now (2026-06-01 12:00:00 UTC)
      `)
    expect((await ttl('expiry', 'sqlite:app.db', 'token', 'key')).stdout).toBe('key\n  expires    never\n')
    expect(JSON.parse((await ttl('expiry', 'sqlite:app.db', 'thread', 't1', '-g', '--json')).stdout)).toMatchObject({
      state: 'expires',
      expiresAt: '2026-06-04T12:00:00.000Z',
      remainingMs: 259_200_000,
      ttlMs: 259_200_000,
      restartOn: 'write',
    })
  })

  it('is missed with exit code 1', async () => {
    for (const command of ['get', 'expiry', 'explain']) {
      expect(await ttl(command, 'sqlite:app.db', 'session', 'old1')).toEqual({
        code: 1,
        stdout: '',
        stderr: 'ttl: sqlite:app.db: there is no live entry "old1" in the namespace "session"\n',
      })
    }
  })

  it('ttl explain traces what a write would do', async () => {
    expect((await ttl('explain', 'sqlite:app.db', 'session', 's2', '--ttl', '2d', '--max', '1d')).stdout).toBe(text`
      s2
        expires    in 2h (2026-06-01 14:00:00 UTC)
        window     2h, restarted by each write and each read
        at latest  in 12h (2026-06-02 00:00:00 UTC)
        born       now (2026-06-01 12:00:00 UTC)

      After a set with this policy
        ttl          2d                        from call
        restartOn    write                     from built-in
        refreshAfter 0                         from built-in
        jitter       0                         from built-in
        limit        1d                        from namespace
        live entry   takes this policy
        deadline     2026-06-02T12:00:00.000Z  limited, otherwise 2026-06-03T12:00:00.000Z
      `)
    const absent = await ttl('explain', 'sqlite:app.db', 'session', 'new', '--max-age', '1h', '--ttl', '2h', '--json')
    expect(JSON.parse(absent.stdout)).toMatchObject({
      stored: { state: 'absent' },
      write: { deadline: '2026-06-01T13:00:00.000Z', maxAge: { value: '1h', from: 'call' } },
    })
  })
})

describe('ttl transfer', () => {
  it('refuses to copy a store to itself, however it is named', async () => {
    symlinkSync('app.db', join(cwd, 'link.db'))
    for (const to of ['sqlite:./app.db', `sqlite:${join(cwd, 'app.db')}`, 'sqlite:link.db']) {
      const { code, stdout, stderr } = await ttl('transfer', 'sqlite:app.db', to, '--to-table', 'TTL')
      expect(stderr).toContain(`sqlite:app.db and ${to} are the same store`)
      expect([code, stdout]).toEqual([2, ''])
    }
  })

  it('copies what lives, again only what is new, and nothing in a dry run', async () => {
    const dry = await ttl('transfer', 'sqlite:app.db', 'sqlite:copy.db', '--dry-run')
    expect(dry.stdout).toBe('Would copy 4 entries and 1 group from sqlite:app.db to sqlite:copy.db.\n')
    expect(existsSync(join(cwd, 'copy.db'))).toBe(false)
    const copied = await ttl('transfer', 'sqlite:app.db', 'sqlite:copy.db')
    expect(copied.stdout).toBe('Copied 4 entries and 1 group from sqlite:app.db to sqlite:copy.db.\n')
    const again = await ttl('transfer', 'sqlite:app.db', 'sqlite:copy.db', '-n', 'session', 'thread')
    expect(again.stdout).toContain('Copied 0 entries')
    expect(again.stdout).toContain('3 skipped, live there already; --overwrite replaces them.')
    const third = await ttl('transfer', 'sqlite:app.db', 'sqlite:copy.db', '--to-table', 'other', '--json')
    expect(JSON.parse(third.stdout)).toMatchObject({ copied: { entries: 4, groups: 1 } })
    for (const key of ['s1', 's2']) {
      const expiry = async (store: string) => (await ttl('expiry', store, 'session', key)).stdout
      expect(await expiry('sqlite:copy.db')).toBe(await expiry('sqlite:app.db'))
    }
  })
})

describe('an answer', () => {
  it('that cannot be written is a failure', async () => {
    const sh = ['-c', `exec "$0" "$@" > /dev/full`, process.execPath, MAIN, 'stats', 'sqlite:app.db']
    await expect(promisify(execFile)('sh', sh, { cwd })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ttl: the answer cannot be written: ENOSPC[^\n]*\n$/),
    })
  })
})

describe('a file', () => {
  const READING = [
    ['stats', 'sqlite:FILE'],
    ['preview', 'sqlite:FILE'],
    ['preview', 'sqlite:FILE', '--within', '1d'],
    ['forecast', 'sqlite:FILE'],
    ['sweep', 'sqlite:FILE', '--dry-run'],
    ['get', 'sqlite:FILE', 'session', 's1'],
    ['expiry', 'sqlite:FILE', 'session', 's1'],
    ['explain', 'sqlite:FILE', 'session', 's1', '--ttl', '1h'],
    ['transfer', 'sqlite:FILE', 'sqlite:elsewhere.db', '--dry-run'],
  ]

  it('that does not exist is not made', async () => {
    for (const args of [...READING, ['sweep', 'sqlite:FILE']]) {
      const ran = await ttl(...args.map((arg) => arg.replace('FILE', 'nothing.db')))
      expect(ran).toEqual({ code: 1, stdout: '', stderr: 'ttl: sqlite:nothing.db: there is no such file\n' })
    }
    expect(readdirSync(cwd).filter((name) => /nothing|elsewhere/.test(name))).toEqual([])
  })

  it('is not changed by what only reads, and nothing is left beside it', async () => {
    const hash = () =>
      createHash('sha256')
        .update(readFileSync(join(cwd, 'app.db')))
        .digest('hex')
    const before = [hash(), readdirSync(cwd)]
    for (const args of READING) {
      expect(await ttl(...args.map((arg) => arg.replace('FILE', 'app.db')))).toMatchObject({ code: 0, stderr: '' })
      expect([hash(), readdirSync(cwd)], args.join(' ')).toEqual(before)
    }
  })

  it('of others is told what it holds, and is not changed', async () => {
    const db = new Database(join(cwd, 'shop.db'))
    db.exec(
      'CREATE TABLE carts (id INTEGER PRIMARY KEY, expires_at INTEGER); CREATE TABLE users (id INTEGER PRIMARY KEY)',
    )
    db.close()
    for (const command of ['stats', 'sweep', 'forecast']) {
      expect(await ttl(command, 'sqlite:shop.db')).toEqual({
        code: 1,
        stdout: '',
        stderr: text`
      ttl: sqlite:shop.db: there is no store of TTL under the name "ttl"
      Tables of others that look as if they expire: carts (expires_at)
      To look after one: --table carts --expires-at expires_at --key COLUMN --type TYPE
      `,
      })
    }
    const after = new Database(join(cwd, 'shop.db'), { readonly: true })
    expect(after.prepare('SELECT count(*) FROM sqlite_master').pluck().get()).toBe(2)
    expect(after.pragma('journal_mode', { simple: true })).toBe('delete')
    after.close()
    expect((await ttl('stats', 'sqlite:app.db', '--table', 'other')).stderr).toContain('there is --table ttl\n')
  })

  it('of others steers no terminal by its names', async () => {
    const db = new Database(join(cwd, 'names.db'))
    db.exec('CREATE TABLE "\u001b[31m\u009b31m it\'s" (expires INTEGER)')
    db.close()
    const { stderr } = await ttl('stats', 'sqlite:names.db')
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u)
    expect(stderr).toContain(String.raw`--table '\u001b[31m\u009b31m it'\''s' --expires-at expires --key`)
  })

  it('of a WAL where nothing can be written says what is the matter', async () => {
    const closed = join(cwd, 'closed')
    mkdirSync(closed)
    const db = new Database(join(closed, 'wal.db'))
    db.pragma('journal_mode = WAL')
    db.close()
    chmodSync(cwd, 0o755)
    chmodSync(closed, 0o555)
    // Nothing is closed to root.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const { code, stderr } = await runStill(['stats', 'sqlite:closed/wal.db'], { cwd, ...nobody })
    chmodSync(closed, 0o755)
    expect(stderr).toMatch(
      /^ttl: sqlite:closed\/wal.db: its directory cannot be written to, and a database in WAL mode/,
    )
    expect(code).toBe(1)
  })

  it('that is none is refused', async () => {
    writeFileSync(join(cwd, 'notes.txt'), 'x'.repeat(1_000))
    mkdirSync(join(cwd, 'folder'), { recursive: true })
    expect((await ttl('stats', 'sqlite:notes.txt')).stderr).toBe(
      'ttl: sqlite:notes.txt: file is not a database (SQLITE_NOTADB)\n',
    )
    expect((await ttl('stats', 'sqlite:folder')).stderr).toBe('ttl: sqlite:folder: it is a directory\n')
  })
})
