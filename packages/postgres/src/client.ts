import { literal } from './schema.ts'

/** What is asked of a client. */
export interface PostgresQuery {
  text: string
  values?: unknown[]
  name?: string
  rowMode: 'array'
  types: { getTypeParser: () => (value: string) => unknown }
}

export interface PostgresResult {
  readonly rows: unknown[]
}

/** The part of pg that is used: what a `Pool`, a `Client` or a `PoolClient` passed to `postgres()` has to offer. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>
}

/** Whether this is one connection, which runs one query at a time. */
export const isConnection = (client: PostgresClient): boolean => 'processID' in client || 'native' in client

/** One query after another, on a single connection: from version 9 on, pg keeps no queue for those who do not wait. */
export function inTurn(client: PostgresClient): PostgresClient {
  let last: Promise<unknown> = Promise.resolve()
  return {
    query(query) {
      const next = last.then(() => client.query(query))
      last = next.catch(() => undefined)
      return next
    },
  }
}

/** A pool or connection that this package opened, and so has to end. */
export interface OwnPool extends PostgresClient {
  end(): Promise<unknown>
}

export type Row = readonly (string | null)[]

/** Values arrive as the text that the server sent, whatever parsers the application has registered with pg. */
const types = { getTypeParser: () => (value: string) => value }

/** Stands for a parameter in the text of a {@link Statement}: no identifier holds a NUL. */
export const $ = (param: string): string => `\0${param}\0`

/** A statement whose parameters are named, and numbered once. */
export class Statement {
  readonly text: string
  readonly name: string
  /** Text and names of parameters by turns. */
  readonly #parts: readonly string[]
  readonly #params: readonly string[]

  constructor(sql: string) {
    this.#parts = sql.trim().split('\0')
    this.#params = [...new Set(this.#parts.filter((_, index) => index % 2 === 1))]
    this.text = this.#parts
      .map((part, index) => (index % 2 === 0 ? part : `$${this.#params.indexOf(part) + 1}`))
      .join('')
    this.name = `ttl_${digest(this.text)}`
  }

  /** The text with its parameters written into it, for a script. */
  inline(args: Readonly<Record<string, unknown>>): string {
    const values = this.values(args).map((value) => {
      if (value === null) return 'NULL'
      return typeof value === 'number' ? String(value) : literal(String(value))
    })
    return this.#parts.map((part, index) => (index % 2 === 0 ? part : values[this.#params.indexOf(part)])).join('')
  }

  values(args: Readonly<Record<string, unknown>>): unknown[] {
    return this.#params.map((param) => args[param] ?? null)
  }
}

/** Two independent 32-bit FNV-1a hashes: a name is shared by equal text only. */
function digest(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13)
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

/** Sends a statement to a client: one round trip. */
export function send(
  client: PostgresClient,
  statement: Statement,
  args: Readonly<Record<string, unknown>>,
  prepare: boolean,
): Promise<PostgresResult> {
  const { text, name } = statement
  const values = statement.values(args)
  return client.query(
    prepare ? { name, text, values, rowMode: 'array', types } : { text, values, rowMode: 'array', types },
  )
}

/** Sends a script without parameters: one round trip, one transaction. Answers the rows of each statement. */
export async function sendAll(client: PostgresClient, text: string): Promise<readonly (readonly Row[])[]> {
  const answer: unknown = await client.query({ text, rowMode: 'array', types })
  return (Array.isArray(answer) ? (answer as PostgresResult[]) : [answer as PostgresResult]).map(
    ({ rows }) => rows as Row[],
  )
}

/** The same. Answers the rows of its last statement. */
export async function sendScript(client: PostgresClient, text: string): Promise<readonly Row[]> {
  return (await sendAll(client, text)).at(-1) ?? []
}
