import { Redis } from 'ioredis'
import { freePorts, Process } from './process.ts'

/** A throwaway redis-server on a free port of the loopback. */
export class Server {
  readonly port: number
  readonly #process = new Process()
  readonly #options: readonly string[]

  private constructor(port: number, options: readonly string[]) {
    this.port = port
    this.#options = options
  }

  /** @param options as the command line of `redis-server` takes them; nothing is saved unless they say so */
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
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#process.directory]
    await this.#process.start([...settings, '--save', '', ...this.#options])
    await this.ready()
  }

  /** Waits until it answers. */
  ready(): Promise<void> {
    return ready(this.port)
  }

  /** SIGKILL: nothing is flushed, nobody is told. */
  crash(): Promise<void> {
    return this.#process.crash()
  }

  /** Makes it hang: a server that answers nobody. */
  pause(): void {
    this.#process.pause()
  }

  resume(): void {
    this.#process.resume()
  }

  /** Ends it and removes its data. */
  stop(): Promise<void> {
    return this.#process.stop()
  }
}

export async function ready(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: 500 })
  client.on('error', () => undefined)
  try {
    await client.ping()
  } finally {
    client.disconnect()
  }
}
