import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'vitest'
import { expiringTable } from '../../src/index.ts'
import { connect, finallyDo, freshFile } from '../support.ts'
import { faults, fillOrders, ORDERS } from './orders.ts'
import { LIMIT, note, ROWS } from './scale.ts'

test(
  'a table of an application is adopted, previewed and swept while a reader holds a transaction open',
  LIMIT,
  async () => {
    const file = freshFile()
    const db = connect(file)
    fillOrders(db, ROWS)
    const [all, dead] = db
      .prepare("SELECT count(*), count(*) FILTER (WHERE expires_at <= datetime('now')) FROM orders")
      .raw()
      .get() as [number, number]
    const reader = connect(file, { readonly: true })
    reader.exec('BEGIN')
    const seen = reader.prepare('SELECT count(*) FROM orders').pluck()
    assert.equal(seen.get(), all)

    let told = 0
    const onDelete = (rows: readonly unknown[]) => {
      told += rows.length
    }
    const table = expiringTable(file, { ...ORDERS, onDelete })
    finallyDo(() => table.close())
    const stalls = monitorEventLoopDelay({ resolution: 1 })
    stalls.enable()
    const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
      const started = performance.now()
      return [await work(), performance.now() - started]
    }

    const [preview, previewMs] = await timed(() => table.preview({ limit: 100 }))
    assert.deepEqual([preview.found, preview.more, preview.samples.length], [100, true, 100])
    const [stats, statsMs] = await timed(() => table.stats())
    assert.equal(stats.length, 7)
    assert.equal(
      stats.reduce((sum, { entries }) => sum + entries.expired, 0),
      dead,
    )
    assert.equal(
      stats.reduce((sum, { entries }) => sum + entries.permanent + entries.active, 0),
      all - dead,
    )
    const first = await table.sweep({ limit: 1_234, asOf: preview.asOf })
    assert.deepEqual([first.deleted, first.more], [1_234, true])
    const [brief, briefMs] = await timed(() => table.sweep({ maxTime: '50ms' }))
    assert.ok(brief.deleted > 0 && briefMs < 2_000, `${brief.deleted} in ${briefMs} ms`)
    const [rest, restMs] = await timed(() => table.sweep())
    assert.equal(first.deleted + brief.deleted + rest.deleted, dead)
    assert.equal(told, dead)
    stalls.disable()

    assert.equal(seen.get(), all, 'the reader still sees what it saw')
    reader.exec('COMMIT')
    assert.equal(seen.get(), all - dead)
    assert.deepEqual(faults(db), [])
    const [p99, max] = [stalls.percentile(99), stalls.max].map((ns) => (ns / 1e6).toFixed(0))
    note(
      `sqlite, an adopted table of ${all} rows: preview ${previewMs.toFixed(0)} ms, stats ${statsMs.toFixed(0)} ms, ${rest.deleted} rows swept in ` +
        `${(restMs / 1_000).toFixed(1)} s under a reader; event loop p99 ${p99} ms, longest ${max} ms; WAL ${(statSync(`${file}-wal`).size / 1e6).toFixed(0)} MB`,
    )
  },
)
