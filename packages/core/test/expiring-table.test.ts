import assert from 'node:assert/strict'
import { test } from 'vitest'
import { describeTable, dueRow, tellDeleted } from '../src/expiring-table.ts'

const TABLE = { table: 'sessions', key: 'sid', expiresAt: 'expires_at' }

test('the options of a table are brought into one form', () => {
  const onDelete = () => undefined
  assert.deepEqual(describeTable({ ...TABLE, key: ['a', 'b'], namespace: 'tenant', onDelete }, []), {
    table: 'sessions',
    key: ['a', 'b'],
    expiresAt: 'expires_at',
    namespace: { column: 'tenant' },
    where: undefined,
    onDelete,
  })
  const own = describeTable({ ...TABLE, namespace: { sql: 'lower(tenant)' }, where: { sql: 'kind = 1' } }, [])
  assert.deepEqual([own.key, own.namespace, own.where], [['sid'], { sql: 'lower(tenant)' }, { sql: 'kind = 1' }])
  assert.equal(describeTable(TABLE, []).namespace, undefined)
  assert.doesNotThrow(() => describeTable({ ...TABLE, type: 'ms' } as typeof TABLE, ['type']))
})

const REFUSED: readonly (readonly [wrong: unknown, message: RegExp])[] = [
  [undefined, /options object, got null/],
  [{ ...TABLE, table: ' ' }, /table .* must be text/],
  [{ ...TABLE, table: 'a\0b' }, /table .* must be text/],
  [{ ...TABLE, key: [] }, /key .* a list of different ones/],
  [{ ...TABLE, key: ['a', 'a'] }, /key .* a list of different ones/],
  [{ ...TABLE, key: ['a', 1] }, /key .* must be text, and not empty, got the number 1/],
  [{ ...TABLE, expiresAt: undefined }, /expiresAt .* got undefined/],
  [{ ...TABLE, namespace: null }, /namespace .* options object, got null/],
  [{ ...TABLE, namespace: { sql: '' } }, /sql of namespace .* must be text/],
  [{ ...TABLE, namespace: { column: 'a' } }, /namespace .* has no option "column"; it has sql/],
  [{ ...TABLE, where: 'kind = 1' }, /where .* options object, got "kind = 1"/],
  [{ ...TABLE, onDelete: 'log' }, /onDelete .* must be a function, got "log"/],
  [
    { ...TABLE, expiresAT: 'x' },
    /has no option "expiresAT"; it has table, key, expiresAt, namespace, where, onDelete, type/,
  ],
]

test.each(REFUSED)('%j is refused', (wrong, message) => {
  assert.throws(() => describeTable(wrong as typeof TABLE, ['type']), { code: 'TTL_INVALID', message })
})

test('a key is the text of its column, or a list of several, unmistakably', () => {
  const keyText = (columns: readonly (string | null)[]) => dueRow('n', columns, 5).key
  assert.equal(keyText(['a"b']), 'a"b')
  assert.equal(keyText([null]), '')
  assert.equal(keyText(['a', null]), '["a",null]')
  assert.notEqual(keyText(['a', 'b,c']), keyText(['a,b', 'c']))
})

test('what was deleted is told with its columns, and a failure says that it is gone', async () => {
  const told: unknown[] = []
  const due = (...columns: (string | null)[]) => dueRow('n', columns, 5)
  const one = describeTable({ ...TABLE, onDelete: (rows) => told.push(...rows) }, [])
  await tellDeleted(one, [due('a'), due(''), due(null)])
  const two = describeTable({ ...TABLE, key: ['a', 'b'], onDelete: (rows) => told.push(...rows) }, [])
  await tellDeleted(two, [due('x', null)])
  await tellDeleted(two, [])
  assert.deepEqual(
    told.map((row) => (row as { columns: unknown }).columns),
    [{ sid: 'a' }, { sid: '' }, { sid: null }, { a: 'x', b: null }],
  )
  const cause = new Error('theirs')
  const failing = describeTable({ ...TABLE, onDelete: () => Promise.reject(cause) }, [])
  await assert.rejects(tellDeleted(failing, [due('a')]), { code: 'TTL_BACKEND', cause, message: /are deleted$/ })
})
