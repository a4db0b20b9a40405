import { backendConformance } from '@ttl/conformance'
import { describe, it } from 'vitest'
import { type RedisOptions, redis } from '../../src/index.ts'
import { connect, freshPrefix, type Kind, removeAll } from './index.ts'

/**
 * The suite on one way to connect. Each has a database of its own, where there are several: a scan goes through all of it.
 */
export function conforms(name: string, kind: Kind, db: number, options: RedisOptions = {}): void {
  backendConformance(
    { describe, it },
    {
      name,
      create() {
        const prefix = freshPrefix()
        return {
          open() {
            const client = connect(kind, db)
            const backend = redis(client, { prefix, ...options })
            const close = backend.close.bind(backend)
            backend.close = async () => {
              await close()
              client.disconnect()
            }
            return backend
          },
          async destroy() {
            const client = connect(kind, db)
            await removeAll(client, prefix)
            client.disconnect()
          },
        }
      },
    },
  )
}
