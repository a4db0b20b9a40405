import type { Page, Space } from '@ttl/core/adapter'
import { allMasters, type RedisNode } from './client.ts'
import type { Commands } from './commands.ts'
import { glob } from './keys.ts'

/** How many keys a step of `SCAN` looks at, at least: most of them may belong to others. */
const LOOK_AT = 1_000

/** Names of entries or groups by `SCAN`, one master after the other. The cursor holds the node and the cursor on it. */
export async function scan(
  commands: Commands,
  space: Space,
  namespace: string,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page> {
  const { keys, keyPrefix } = commands
  const nodes = await namedMasters(commands)
  const [name, at] = page.cursor === undefined ? [nodes[0]?.name ?? '', '0'] : split(page.cursor)
  // A node that is gone meanwhile: whoever has its slots now sorts anywhere, so begin with the next.
  const index = nodes.findIndex((each) => each.name >= name)
  const current = nodes[index]
  if (current === undefined) return { keys: [] }
  const pattern = glob(keyPrefix) + keys.pattern(space, namespace)
  const [cursor, found] = await current.node.scanBuffer(
    current.name === name ? at : '0',
    'MATCH',
    pattern,
    'COUNT',
    Math.max(page.limit, LOOK_AT),
  )
  const names = found.map((key) => keys.name(namespace, key.toString().slice(keyPrefix.length)))
  if (cursor.toString() !== '0') return { keys: names, cursor: `${cursor.toString()} ${current.name}` }
  const next = nodes[index + 1]
  return { keys: names, cursor: next && `0 ${next.name}` }
}

/** Namespaces by `SCAN` of everything, on all masters. */
export async function scanNamespaces(commands: Commands): Promise<string[]> {
  const { keys, keyPrefix } = commands
  const names = new Set<string>()
  for (const { node } of await namedMasters(commands)) {
    let cursor = '0'
    do {
      const [next, found] = await node.scanBuffer(cursor, 'MATCH', glob(keyPrefix) + keys.everything, 'COUNT', LOOK_AT)
      for (const key of found) {
        const parts = keys.parse(key.toString().slice(keyPrefix.length))
        if (parts !== undefined) names.add(parts.namespace)
      }
      cursor = next.toString()
    } while (cursor !== '0')
  }
  return [...names]
}

async function namedMasters({ client }: Commands): Promise<{ readonly node: RedisNode; readonly name: string }[]> {
  const nodes = (await allMasters(client)).map((node) => ({ node, name: nameOf(node) }))
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function nameOf(node: RedisNode): string {
  return `${node.options.host ?? node.options.path ?? ''}:${node.options.port ?? ''}`
}

function split(cursor: string): [name: string, at: string] {
  const space = cursor.indexOf(' ')
  return [cursor.slice(space + 1), cursor.slice(0, space)]
}
