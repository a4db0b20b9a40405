import type { Space } from './backend.ts'
import { TtlError } from './errors.ts'
import type { Operation } from './operations.ts'
import type { Port } from './port.ts'

/** How many names are asked for at a time. */
const PAGE = 500

/**
 * Live names, page by page.
 *
 * @param once whether a name that the backend repeats is left out; that remembers all names
 */
export async function* pages(
  port: Port,
  operation: Operation,
  space: Space,
  namespace: string,
  once = true,
): AsyncGenerator<readonly string[], void, undefined> {
  const { scan, groups } = port.backend.capabilities
  const seen = once && scan === 'repeats' ? new Set<string>() : undefined
  let cursor: string | undefined
  do {
    const page = await port.run(operation, namespace, undefined, (backend) => {
      if (scan === 'none' || (space === 'group' && !groups)) {
        throw new TtlError('TTL_UNSUPPORTED', `${backend.name} cannot list ${space === 'group' ? 'groups' : 'keys'}`)
      }
      return backend.scan(space, namespace, { cursor, limit: PAGE })
    })
    const names = seen === undefined ? page.keys : page.keys.filter((name) => !seen.has(name) && seen.add(name))
    if (names.length > 0) yield names
    if (page.cursor !== undefined && page.cursor === cursor) {
      throw new TtlError('TTL_UNSUPPORTED', `${port.backend.name} gave the same cursor twice: its scan would not end`, {
        operation,
        namespace,
      })
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}
