import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePorts, Process } from './process.ts'
import { ready, Server } from './server.ts'

/** What the sentinels call the master that they watch. */
export const MASTER = 'ttl'

/** A master, a replica, and three sentinels that agree on both. */
export interface Guarded {
  readonly master: Server
  readonly replica: Server
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  stop(): Promise<void>
}

/** Sentinels miss a master after half a second. */
export async function startSentinels(...options: readonly string[]): Promise<Guarded> {
  const master = await Server.start(...options)
  const replica = await Server.start(...options, '--replicaof', '127.0.0.1', String(master.port))
  const ports = await freePorts(3)
  const processes = ports.map(() => new Process())
  const stop = async () => {
    await Promise.all([master, replica, ...processes].map((each) => each.stop()))
  }
  try {
    await Promise.all(processes.map((each, index) => sentinel(each, ports[index] as number, master.port)))
    await Promise.all(ports.map(agreed))
  } catch (error) {
    await stop()
    throw error
  }
  return { master, replica, sentinels: ports.map((port) => ({ host: '127.0.0.1', port })), stop }
}

/** Sentinels write down in their configuration what they learn. */
async function sentinel(process: Process, port: number, master: number): Promise<void> {
  const file = join(process.directory, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${process.directory}`,
    `sentinel monitor ${MASTER} 127.0.0.1 ${master} 2`,
    `sentinel down-after-milliseconds ${MASTER} 500`,
    `sentinel failover-timeout ${MASTER} 3000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  await process.start([file, '--sentinel'])
  await ready(port)
}

/** Waits until a sentinel knows the replica and the two others. */
async function agreed(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1')
  try {
    for (;;) {
      const flat = (await client.call('SENTINEL', 'MASTER', MASTER)) as string[] | Record<string, string>
      const facts = new Map(Array.isArray(flat) ? chunked(flat) : Object.entries(flat))
      if (facts.get('num-slaves') === '1' && facts.get('num-other-sentinels') === '2') return
      await sleep(20)
    }
  } finally {
    client.disconnect()
  }
}

function chunked(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] as string] as [string, string]] : []))
}
