import type { TestProject } from 'vitest/node'
import { embedded, installed } from './binaries.ts'
import { type Server, startServer } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The newest server: of npm, or the one that DATABASE_URL names. */
    readonly postgres18: string
    readonly postgres15: string
  }
}

// Losing the database of a test in a power cut is fine.
const HASTE = { fsync: 'off', full_page_writes: 'off', max_locks_per_transaction: 512 }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL
  const servers: Server[] = []
  const start = async (bin: string): Promise<string> => {
    const server = await startServer(bin, HASTE)
    servers.push(server)
    return server.url
  }
  const teardown = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.end())))
  try {
    const [newest, oldest] = await Promise.all([given ?? start(embedded()), start(installed(15))])
    project.provide('postgres18', newest)
    project.provide('postgres15', oldest)
  } catch (error) {
    await teardown()
    throw error
  }
  return teardown
}
