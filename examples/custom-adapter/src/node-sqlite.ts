import { DatabaseSync } from 'node:sqlite'
import type { Backend, Clock, Payload, Space, Timing, Write } from '@ttl/core/adapter'
import { accessed, isLive, place, replaced, satisfies, systemClock, touched } from '@ttl/core/adapter'

// An item is an entry or a group: one timing, and members. An entry has a single member, its payload.
// The timing is stored as it was given, as JSON; only its deadline is a column, which scans and sweeps are made with.
// NORMAL: a process that is killed loses nothing. After a power cut the last calls may be missing, whole ones only.
const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, space TEXT, namespace TEXT, key TEXT, timing TEXT NOT NULL,
    expires_at INTEGER AS (timing ->> 'expiresAt'), UNIQUE (space, namespace, key)) STRICT;
  CREATE INDEX IF NOT EXISTS item_by_expiry ON item (expires_at);
  CREATE TABLE IF NOT EXISTS member (item INTEGER REFERENCES item ON DELETE CASCADE, name TEXT, payload ANY NOT NULL,
    PRIMARY KEY (item, name)) STRICT, WITHOUT ROWID;`

type Item = { readonly id: number; readonly timing: Timing; readonly live: boolean }
type Members = readonly (readonly [name: string, payload: Payload])[]

// Text is read as bytes, because Node 22 cuts it at the first NUL, which names and payloads may hold. For the same Node
// there is an `ifnull` below: it binds an empty Uint8Array as NULL. The conformance suite found both.
const bytes = (column: string) => `CAST(${column} AS BLOB) AS ${column}`
const text = (value: unknown) => Buffer.from(value as Uint8Array).toString()

/** Entries and groups in one SQLite file, with nothing but Node. Any number of backends and processes may share it. */
export function nodeSqlite(path: string, { clock = systemClock }: { clock?: Clock | undefined } = {}): Backend {
  const db = new DatabaseSync(path, { timeout: 5000 })
  db.exec(SCHEMA)
  const selectItem = db.prepare('SELECT id, timing FROM item WHERE space = ? AND namespace = ? AND key = ?')
  const upsertItem = db.prepare(`INSERT INTO item (space, namespace, key, timing) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET timing = excluded.timing RETURNING id`)
  const updateItem = db.prepare('UPDATE item SET timing = ? WHERE id = ?')
  const deleteItem = db.prepare('DELETE FROM item WHERE id = ?')
  const selectMembers = db.prepare(`SELECT ${bytes('name')}, ${bytes('payload')}, typeof(payload) AS kind FROM member
    WHERE item = :item AND (:names IS NULL OR name IN (SELECT value FROM json_each(:names)))`)
  const upsertMember = db.prepare(`INSERT OR REPLACE INTO member (item, name, payload) VALUES (?, ?, ifnull(?, x''))`)
  const deleteMember = db.prepare('DELETE FROM member WHERE item = ? AND name = ?')
  const selectPage = db.prepare(`SELECT ${bytes('key')} FROM item WHERE space = ? AND namespace = ? AND key > ?
    AND (expires_at IS NULL OR expires_at > ?) ORDER BY item.key LIMIT ?`)
  const deleteExpired = db.prepare(`DELETE FROM item WHERE id IN (SELECT id FROM item
    WHERE expires_at <= ? AND namespace = coalesce(?, namespace) LIMIT ?) RETURNING ${bytes('namespace')}`)
  const deleteNamed = db.prepare(`DELETE FROM item WHERE space = ? AND namespace = ? AND key = ?
    RETURNING expires_at IS NULL OR expires_at > ? AS live`)
  const deleteNamespace = db.prepare('DELETE FROM item WHERE namespace = ?')

  const now = () => Math.floor(clock.now())

  /** A call is one transaction at one instant, which is read once the lock is there: it may have been waited for. */
  const transaction = <Answer>(work: (at: number) => Answer): Answer => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const answer = work(now())
      db.exec('COMMIT')
      return answer
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK')
    }
  }

  const find = (space: Space, namespace: string, key: string, at: number): Item | undefined => {
    const row = selectItem.get(space, namespace, key)
    const timing = row && (JSON.parse(row.timing as string) as Timing)
    return timing && { id: row.id as number, timing, live: isLive(timing, at) }
  }
  const membersOf = (item: Item, names?: readonly string[]) =>
    selectMembers
      .all({ item: item.id, names: names ? JSON.stringify(names) : null })
      .map((row) => [text(row.name), row.kind === 'text' ? text(row.payload) : (row.payload as Uint8Array)] as const)
  const payloadOf = (item: Item) => membersOf(item)[0]?.[1]

  /** What `judge` says about each item that is live, and `undefined` for each that is not. */
  const each = <A>(space: Space, namespace: string, keys: readonly string[], judge: (item: Item, at: number) => A) =>
    transaction((at) =>
      keys.map((key) => {
        const item = find(space, namespace, key, at)
        return item?.live ? judge(item, at) : undefined
      }),
    )

  /** Stores what follows on an item's timing, or removes an item that it ends. Answers whether the item stays. */
  const retime = ({ id, timing }: Item, next: Timing, at: number) => {
    if (!isLive(next, at)) deleteItem.run(id)
    else if (next !== timing) updateItem.run(JSON.stringify(next), id) // the rules give back what they do not change
    return isLive(next, at)
  }
  /** Reads some or all members of a live item, and restarts it if it is due and there is something to return. */
  const read = (item: Item, names: readonly string[] | undefined, touch: boolean, at: number) => {
    const members = membersOf(item, names)
    if (members.length === 0) return undefined
    const timing = touch ? accessed(item.timing, at) : item.timing
    retime(item, timing, at)
    return { members, payload: members[0]![1], reading: { ...timing, now: at } }
  }
  /** Writes members of an item, which may be live, dead or not there, if a condition is met. Answers whether they are stored. */
  const put = (space: Space, namespace: string, write: Omit<Write, 'payload'>, members: Members, at: number) => {
    const { key, placement, condition } = write
    const current = find(space, namespace, key, at)
    if (!satisfies(condition, current?.live ? payloadOf(current) : undefined)) return false
    const timing = place(current?.timing, placement, at)
    const stays = isLive(timing, at)
    const goesOn = current?.live && stays && placement.onLive !== 'exact'
    if (current && !goesOn) deleteItem.run(current.id) // no member of a dead group comes back
    if (!stays) return false
    const { id } = upsertItem.get(space, namespace, key, JSON.stringify(timing))!
    for (const [name, payload] of members) upsertMember.run(id!, name, payload)
    return true
  }

  return {
    name: 'node:sqlite',
    capabilities: {
      clock: clock === systemClock ? 'host' : 'injected',
      resolutionMs: 0,
      reclaims: 'sweep',
      batch: 'all',
      clear: 'atomic',
      groups: true,
      scan: 'once',
      stats: false,
      due: false,
      persistent: path !== ':memory:',
      shared: path !== ':memory:',
      maxPayloadBytes: 500_000_000, // SQLite holds twice that, a string of V8 hardly more
    },
    now,
    read: (namespace, keys, { touch }) =>
      each('entry', namespace, keys, (item, at) => read(item, undefined, touch, at)),
    inspect: (space, namespace, keys) => each(space, namespace, keys, ({ timing }, at) => ({ ...timing, now: at })),
    write: (namespace, writes) =>
      transaction((at) => writes.map((one) => put('entry', namespace, one, [['payload', one.payload]], at))),
    take: (namespace, key) =>
      each('entry', namespace, [key], (item) => {
        const payload = payloadOf(item)
        deleteItem.run(item.id)
        return payload
      })[0],
    delete: (space, namespace, keys) =>
      transaction((at) => keys.map((key) => deleteNamed.get(space, namespace, key, at)?.live === 1)),
    touch: (space, namespace, keys) =>
      each(space, namespace, keys, (item, at) => retime(item, touched(item.timing, at), at)).map(Boolean),
    expire: (space, namespace, keys, span) =>
      each(space, namespace, keys, (item, at) => retime(item, replaced(item.timing, span, at), at)).map(Boolean),
    scan: (space, namespace, { cursor = '', limit }) => {
      const keys = selectPage.all(space, namespace, cursor, now(), limit).map((row) => text(row.key))
      return { keys, cursor: keys[limit - 1] }
    },
    readGroup: (namespace, id, names, { touch }) =>
      each('group', namespace, [id], (item, at) => read(item, names, touch, at))[0],
    writeGroup: (namespace, id, members, placement, condition) =>
      transaction((at) => put('group', namespace, { key: id, placement, condition }, members, at)),
    deleteMembers: (namespace, id, names) => {
      const [deleted] = each('group', namespace, [id], (item) => {
        const were = names.map((name) => deleteMember.run(item.id, name).changes === 1)
        if (!selectMembers.get({ item: item.id, names: null })) deleteItem.run(item.id)
        return were
      })
      return deleted ?? names.map(() => false)
    },
    clear: (namespace) => void deleteNamespace.run(namespace),
    sweep: ({ limit, namespace = null, asOf = Infinity }) => {
      const rows = transaction((at) => deleteExpired.all(Math.min(asOf, at), namespace, limit))
      const groups = Map.groupBy(rows, (row) => text(row.namespace))
      return { deleted: new Map([...groups].map(([name, swept]) => [name, swept.length])), more: rows.length === limit }
    },
    // 5 is SQLITE_BUSY: another process held the lock for longer than `timeout`.
    classify: (error) => ({ retryable: error instanceof Error && 'errcode' in error && error.errcode === 5 }),
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}
