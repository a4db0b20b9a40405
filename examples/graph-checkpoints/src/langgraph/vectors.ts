/** Search by meaning: what is embedded of an item, and how near it is to a question. */
import type { IndexConfig } from '@langchain/langgraph-checkpoint'

/** The embedding of one text of an item. */
export type Embedded = readonly number[]

/** A value that is going to be stored, and which of its fields count: `undefined` those of the store, `false` none. */
export interface Indexed {
  readonly value: Readonly<Record<string, unknown>>
  readonly index?: false | readonly string[] | undefined
}

/** The embeddings of each value, asked for all at once. */
export async function embeddingsOf(items: readonly Indexed[], config: IndexConfig): Promise<Embedded[][]> {
  const texts = items.map(({ value, index = config.fields ?? ['$'] }) =>
    index === false ? [] : index.flatMap((path) => textsAt(value, path)),
  )
  const flat = texts.flat()
  const vectors = flat.length === 0 ? [] : await config.embeddings.embedDocuments(flat)
  return texts.map((own) => vectors.splice(0, own.length))
}

/** The similarity of the nearest text, −1 … 1; `undefined` when nothing of the item is embedded. */
export function nearness(vectors: readonly Embedded[] | undefined, question: Embedded): number | undefined {
  if (vectors === undefined || vectors.length === 0) return undefined
  return Math.max(...vectors.map((vector) => cosine(vector, question)))
}

function cosine(a: Embedded, b: Embedded): number {
  const dot = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
  return dot === 0 ? 0 : dot / (Math.hypot(...a) * Math.hypot(...b))
}

/** Texts at a path: `title`, `chapters[*].content`, `authors[0].name`, `notes[-1]`; `$` is all of it, as JSON. */
function textsAt(value: unknown, path: string): string[] {
  if (path === '$') return [JSON.stringify(value)]
  const steps = path.match(/[^.[\]]+|\[[^\]]*\]/g) ?? []
  const found = steps.reduce<unknown[]>((places, step) => places.flatMap((place) => inside(place, step)), [value])
  return found.flatMap((place) => (typeof place === 'string' ? [place] : []))
}

function inside(place: unknown, step: string): unknown[] {
  if (!step.startsWith('[')) {
    const isObject = typeof place === 'object' && place !== null && Object.hasOwn(place, step)
    return isObject ? [(place as Record<string, unknown>)[step]] : []
  }
  if (!Array.isArray(place)) return []
  return step === '[*]' ? place : [place.at(Number(step.slice(1, -1)))]
}
