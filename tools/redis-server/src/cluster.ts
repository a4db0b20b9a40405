import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePorts } from './process.ts'
import { Server } from './server.ts'

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
