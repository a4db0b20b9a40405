import { redisServer, Server, startCluster } from '@ttl/redis-server'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string
    clusterPorts: number[]
  }
}

/** One server and one cluster for the whole run. `REDIS_URL` names a server to use instead. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const own = process.env.REDIS_URL
  const servers: Server[] = []
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    await redisServer()
    const [standalone, cluster] = await Promise.all([own === undefined ? Server.start() : undefined, startCluster()])
    if (standalone !== undefined) servers.push(standalone)
    servers.push(...cluster)
    project.provide('redisUrl', own ?? (standalone as Server).url)
    project.provide(
      'clusterPorts',
      cluster.map(({ port }) => port),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
