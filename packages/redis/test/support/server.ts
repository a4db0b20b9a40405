import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { redisServer } from './binary.ts'

/**
 * A shell between us and the server. It waits for its input to end, which it also does when this process is killed, and
 * kills the server then.
 */
const GUARD = `trap '' INT TERM HUP; dir=$1; shift; "$@" >"$dir/out.log" 2>&1 & pid=$!; echo $pid; cat >/dev/null; kill -9 $pid 2>/dev/null; wait; [ -e "$dir/keep" ] || rm -rf "$dir"`

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

/** A throwaway redis-server on a free port of the loopback. */
export class Server {
  readonly port: number
  readonly #directory = mkdtempSync(join(tmpdir(), 'ttl-redis-'))
  readonly #options: readonly string[]
  readonly #guards: ChildProcess[] = []
  #pid = 0

  private constructor(port: number, options: readonly string[]) {
    this.port = port
    this.#options = options
  }

  static async start(...options: readonly string[]): Promise<Server> {
    const [port = 0] = await freePorts(1)
    const server = new Server(port, options)
    await server.up()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it, also again on the data that it left. */
  async up(): Promise<void> {
    const { path, env } = await redisServer()
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#directory, '--save', '']
    const guard = spawn('sh', ['-c', GUARD, 'sh', this.#directory, path, ...settings, ...this.#options], {
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
    await this.ready()
  }

  async ready(): Promise<void> {
    const client = new Redis(this.port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: 500 })
    client.on('error', () => undefined)
    try {
      await client.ping()
    } finally {
      client.disconnect()
    }
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
    rmSync(this.#directory, { recursive: true, force: true })
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

/** Three masters that share the slots. */
export async function startCluster(...options: readonly string[]): Promise<Server[]> {
  const busPorts = await freePorts(3)
  const servers = await Promise.all(
    busPorts.map((bus) =>
      Server.start(
        '--cluster-enabled',
        'yes',
        '--cluster-port',
        String(bus),
        '--cluster-node-timeout',
        '3000',
        ...options,
      ),
    ),
  )
  const clients = servers.map(({ port }) => new Redis(port, '127.0.0.1'))
  try {
    const edges = [0, 5_461, 10_923, 16_384]
    for (const [index, client] of clients.entries()) {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', String(edges[index]), String((edges[index + 1] as number) - 1))
    }
    for (const [index, { port }] of servers.entries()) {
      if (index > 0) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[index]))
    }
    for (const client of clients) {
      for (;;) {
        const info = String(await client.call('CLUSTER', 'INFO'))
        if (info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')) break
        await sleep(20)
      }
    }
  } finally {
    for (const client of clients) client.disconnect()
  }
  return servers
}
