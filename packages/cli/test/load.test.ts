import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { directory, run } from './support/run.ts'
import { fillSqlite } from './support/shop.ts'

const root = directory()
const packages = join(import.meta.dirname, '../..')
const alone = join(root, 'alone/node_modules/@ttl/cli')
const project = join(root, 'project')

/** The program as it stands where no adapter is installed, and a project elsewhere that has one. */
beforeAll(async () => {
  mkdirSync(join(alone, 'node_modules/@ttl'), { recursive: true })
  for (const part of ['dist', 'package.json'])
    cpSync(join(packages, 'cli', part), join(alone, part), { recursive: true })
  symlinkSync(join(packages, 'core'), join(alone, 'node_modules/@ttl/core'))
  symlinkSync(join(packages, 'cli/node_modules/commander'), join(alone, 'node_modules/commander'))
  mkdirSync(join(project, 'node_modules/@ttl'), { recursive: true })
  symlinkSync(join(packages, 'sqlite'), join(project, 'node_modules/@ttl/sqlite'))
  await fillSqlite(join(project, 'app.db'))
})

describe('an adapter', () => {
  for (const [store, install] of [
    ['sqlite:app.db', '@ttl/sqlite better-sqlite3'],
    ['postgres://localhost/x', '@ttl/postgres pg'],
    ['redis://localhost', '@ttl/redis ioredis'],
  ] as const) {
    it(`that is missing for ${store} is named`, async () => {
      const ran = await run(['get', store, 'session', 's1'], { cwd: root, main: join(alone, 'dist/main.js') })
      expect(ran.stderr).toContain(`which is not installed here: npm install ${install}\n`)
      expect(ran).toMatchObject({ code: 1, stdout: '' })
    })
  }

  it('is found in the project that the program was started in', async () => {
    const ran = await run(['stats', 'sqlite:app.db'], { cwd: project, main: join(alone, 'dist/main.js') })
    expect(ran).toMatchObject({ code: 0, stderr: '' })
  })
})
