import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'

// Inside the package, so that '@ttl/core' resolves to what would be published.
const OUT = join(import.meta.dirname, '../.consumer')

afterAll(() => rmSync(OUT, { recursive: true, force: true }))

const PROGRAM = `
import { createStore, sliding, type Namespace } from '@ttl/core'
import { isLive } from '@ttl/core/adapter'
import { memory } from '@ttl/core/memory'
import { manualClock } from '@ttl/core/testing'

const store = createStore({ backend: memory({ clock: manualClock() }), policy: sliding('30m', { max: '12h' }) })
export const sessions: Namespace<{ user: string }> = store.namespace<{ user: string }>('session')
export const user: Promise<string | undefined> = sessions.get('s').then((session) => session?.user)
export const live: boolean = isLive({ expiresAt: 1 }, 0)
`

for (const [name, options] of Object.entries({
  'the newest standard library and nothing else': { lib: ['esnext'], module: 'nodenext' },
  'an older one, bundled for a browser': { lib: ['es2022', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
})) {
  it(`the types of core compile without those of Node: ${name}`, async () => {
    mkdirSync(OUT, { recursive: true })
    writeFileSync(join(OUT, 'program.ts'), PROGRAM)
    const compilerOptions = { strict: true, noEmit: true, types: [], skipLibCheck: false, target: 'es2022', ...options }
    writeFileSync(join(OUT, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
    const said = await promisify(execFile)('tsc', ['-p', OUT]).catch((error: { stdout: string }) => error)
    expect(said.stdout).toBe('')
  })
}
