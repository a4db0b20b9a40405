import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { redisServer } from './binary.ts'

/**
 * A shell between us and the server. It waits for its input to end, which it also does when this process is killed, and
 * kills the server then.
 */
const GUARD = `trap '' INT TERM HUP; dir=$1; shift; "$@" >"$dir/out.log" 2>&1 & pid=$!; echo $pid; cat >/dev/null; kill -9 $pid 2>/dev/null; wait; [ -e "$dir/keep" ] || rm -rf "$dir"`

/** Ports of the loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as { port: number }
      await new Promise((resolve) => server.close(resolve))
      return port
    }),
  )
}

/** A `redis-server` with a directory of its own, which does not outlive this process. */
export class Process {
  readonly directory = mkdtempSync(join(tmpdir(), 'ttl-redis-'))
  readonly #guards: ChildProcess[] = []
  #pid = 0

  /** Starts it, also again in the directory that it left. */
  async start(args: readonly string[]): Promise<void> {
    const { path, env } = await redisServer()
    const guard = spawn('sh', ['-c', GUARD, 'sh', this.directory, path, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      // Out of reach of what kills a whole process group.
      detached: true,
    })
    guard.unref()
    this.#guards.push(guard)
    this.#pid = await new Promise<number>((resolve, reject) => {
      guard.once('error', reject)
      guard.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString())))
    })
  }

  /** SIGKILL: nothing is flushed, nobody is told. */
  async crash(): Promise<void> {
    process.kill(this.#pid, 'SIGKILL')
    await gone(this.#pid)
  }

  /** Makes it hang and go on: a server that answers nobody. */
  pause(): void {
    process.kill(this.#pid, 'SIGSTOP')
  }

  resume(): void {
    process.kill(this.#pid, 'SIGCONT')
  }

  async stop(): Promise<void> {
    for (const guard of this.#guards.splice(0)) {
      const exited = new Promise((resolve) => guard.once('exit', resolve))
      guard.ref()
      guard.stdin?.end()
      await exited
    }
    rmSync(this.directory, { recursive: true, force: true })
  }
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(5)
  }
}
