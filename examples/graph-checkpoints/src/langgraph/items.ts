/** Items of a store: how they are addressed, and what is kept of them. */
import { InvalidNamespaceError, type Item, type MatchCondition } from '@langchain/langgraph-checkpoint'
import type { Embedded } from './vectors.ts'

/** What is stored under the key of an item. Instants are epoch milliseconds. */
export interface Kept {
  readonly value: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly updatedAt: number
  /** In the same entry: a vector cannot outlive its item, nor the item its vector. */
  readonly vectors?: readonly Embedded[] | undefined
}

/** Where an item is: a path of labels, and a key. */
export interface Place {
  readonly namespace: readonly string[]
  readonly key: string
}

/** As JSON, so that no two places share one whatever their labels hold. */
export function entryKeyOf({ namespace, key }: Place): string {
  return JSON.stringify([...namespace, key])
}

export function placeOf(entryKey: string): Place {
  const labels = JSON.parse(entryKey) as string[]
  return { namespace: labels.slice(0, -1), key: labels.at(-1) as string }
}

/** Whether an entry's key lies under a path, without taking it apart. */
export function liesUnder(prefix: readonly string[]): (entryKey: string) => boolean {
  const start = prefix.length === 0 ? '[' : `${JSON.stringify(prefix).slice(0, -1)},`
  return (entryKey) => entryKey.startsWith(start)
}

export function itemOf(place: Place, { value, createdAt, updatedAt }: Kept): Item {
  return {
    namespace: [...place.namespace],
    key: place.key,
    value: { ...value },
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  }
}

/** @throws InvalidNamespaceError, as LangGraph's own stores do */
export function checkPath(namespace: readonly string[]): void {
  if (namespace.length > 0 && namespace.every((label) => typeof label === 'string' && label !== '')) return
  throw new InvalidNamespaceError(
    `A namespace is one or more labels that are not empty, got ${JSON.stringify(namespace)}`,
  )
}

/** Whether a path matches: label by label from its beginning or its end, `'*'` any label. */
export function matches({ matchType, path }: MatchCondition, namespace: readonly string[]): boolean {
  const start = matchType === 'prefix' ? 0 : namespace.length - path.length
  return (
    path.length <= namespace.length && path.every((label, index) => label === '*' || label === namespace[start + index])
  )
}
