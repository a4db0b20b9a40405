import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

export interface Server {
  readonly url: string
  /** Ends the postmaster without any warning to its clients. */
  kill(): Promise<void>
  /** A fast shutdown, as an administrator does it. */
  stop(): Promise<void>
  /** Starts it again, on the same port and data. */
  start(): Promise<void>
  /** Removes it. Happens by itself when this process ends in any way. */
  end(): Promise<void>
}

interface Answer {
  readonly ready?: boolean
  readonly port?: number
  readonly log?: string
}

/** Starts a throwaway server from the binaries in a directory. */
export async function startServer(bin: string, settings: Record<string, string | number> = {}): Promise<Server> {
  const argument = JSON.stringify({ bin, owner: unprivileged(), settings })
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.mjs'), argument], {
    stdio: 'pipe',
    detached: true,
  })
  guard.stderr.pipe(process.stderr)
  const lines = createInterface({ input: guard.stdout })
  const first = await answerOf(guard, lines)
  const running = (answer: Answer): number => {
    if (answer.ready === true) return answer.port as number
    throw new Error(`PostgreSQL of ${bin} does not start:\n${answer.log ?? 'no output'}`)
  }
  const port = running(first)
  const tell = (command: string): Promise<Answer> => {
    const answer = answerOf(guard, lines)
    guard.stdin.write(`${command}\n`)
    return answer
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    kill: async () => void (await tell('kill')),
    stop: async () => void (await tell('stop')),
    start: async () => void running(await tell('start')),
    async end() {
      if (guard.exitCode !== null) return
      const gone = once(guard, 'exit')
      guard.stdin.end('end\n')
      await gone
    },
  }
}

async function answerOf(guard: ChildProcessWithoutNullStreams, lines: Interface): Promise<Answer> {
  const gone = once(guard, 'exit').then((): [string] => ['{"ready":false,"log":"the guard process ended"}'])
  const [line] = (await Promise.race([once(lines, 'line'), gone])) as [string]
  return JSON.parse(line) as Answer
}

/** PostgreSQL refuses to run as root, so root runs it as somebody else. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const user of ['postgres', 'nobody']) {
    try {
      const idOf = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: idOf('-u'), gid: idOf('-g') }
    } catch {
      // Not on this system.
    }
  }
  return { uid: 65534, gid: 65534 }
}
