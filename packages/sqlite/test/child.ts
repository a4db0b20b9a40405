/** A process of its own, started by processes.test.ts: waits for 'go', works, reports. */
import Database from 'better-sqlite3'
import { sqlite } from '../src/index.ts'
import { say, serve } from './processes/jobs.ts'
import { READ, rolling, sliding, write } from './tools.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

serve({
  /** First use of a file that eight processes open at once. */
  async boot(file, name) {
    const backend = sqlite(file)
    for (let i = 0; i < 20; i++) await backend.write('boot', [write(`${name}-${i}`)])
    const found = await backend.read('boot', [`${name}-0`, `${name}-19`], READ)
    await backend.close()
    return found.length
  },

  /** Sweeps until told to stop; reports what it deleted. */
  async sweep(file) {
    const backend = sqlite(file)
    let [deleted, stop] = [0, false]
    process.once('message', () => {
      stop = true
    })
    while (!stop) {
      const swept = await backend.sweep({ limit: 100 })
      for (const count of swept.deleted.values()) deleted += count
      await turn()
    }
    await backend.close()
    return deleted
  },

  /** Overwrites what is expiring, keeps sliding entries alive, adds what expires; reports what has to be there. */
  async write(file, name) {
    const backend = sqlite(file)
    const [overwritten, short]: [string[], string[]] = [[], []]
    await backend.write('live', [write(`${name}-slide`, name, sliding(2_000))])
    for (let i = 0; i < 300; i++) {
      const key = `${name}-${i}`
      await backend.write('seed', [write(key, `fresh ${name}`, rolling(600_000))])
      overwritten.push(key)
      await backend.write('short', [write(key, 'v', rolling(1))])
      short.push(key)
      if ((await backend.read('live', [`${name}-slide`], READ))[0] === undefined)
        throw new Error('a sliding entry died')
      if (i % 3 === 0) await turn()
    }
    await backend.close()
    return { overwritten, short: short.length }
  },

  /** Sweeps a backlog and forgets to close. */
  async forget(file) {
    const backend = sqlite(file)
    for (let i = 0; i < 3_000; i++) await backend.write('a', [write(`k${i}`, 'v'.repeat(100), rolling(1))])
    await new Promise((resolve) => setTimeout(resolve, 2))
    // Only what a checkpoint keeps alive is left of the process while it waits for the sweeps.
    process.channel?.unref()
    let [deleted, more] = [0, true]
    while (more) {
      const swept = await backend.sweep({ limit: 1_000 })
      deleted += swept.deleted.get('a') ?? 0
      more = swept.more
    }
    return deleted
  },

  /** Holds the write lock until told to let go. */
  async hold(file) {
    const db = new Database(file)
    db.exec('BEGIN IMMEDIATE')
    say('held')
    await new Promise((resolve) => process.once('message', resolve))
    db.exec('COMMIT')
    db.close()
    return 'released'
  },
})
