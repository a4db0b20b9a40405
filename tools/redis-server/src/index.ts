/** Throwaway Redis servers on the loopback: real ones, that are killed with the process that started them. */
export { redisServer } from './binary.ts'
export { startCluster } from './cluster.ts'
export { type Guarded, MASTER, startSentinels } from './sentinel.ts'
export { Server } from './server.ts'
