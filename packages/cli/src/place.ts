import { existsSync, realpathSync } from 'node:fs'
import { UsageError } from './exit.ts'
import { withoutCredentials } from './secrets.ts'

export type Kind = 'sqlite' | 'postgres' | 'redis'

/** What names a store on the command line. */
export interface Place {
  readonly kind: Kind
  /** The path of a file, or the URL of a server; empty where only the kind was given. */
  readonly target: string
  /** For people: without credentials. */
  readonly label: string
  /** The variable that it was taken from. */
  readonly variable?: string | undefined
}

const KINDS: Readonly<Record<string, Kind>> = {
  sqlite: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  redis: 'redis',
  rediss: 'redis',
}

const EXPECTED =
  'expected sqlite:FILE, postgres://USER@HOST/DATABASE, redis://HOST:PORT/NUMBER, or env:NAME for a variable that holds one of these'

/**
 * @param variable the value of a variable of the environment
 * @throws {@link UsageError} when it names none. The text itself is in no message: it may hold a password.
 */
export function readPlace(text: string, variable: (name: string) => string | undefined): Place {
  const [scheme, rest] = divided(text)
  if (scheme === 'env') return ofVariable(rest, variable)
  const kind = scheme === undefined ? undefined : KINDS[scheme]
  if (kind === undefined) {
    if (existsSync(text)) throw new UsageError(`expected a store; for the file ${text} write sqlite:${text}`)
    throw new UsageError(scheme === undefined ? EXPECTED : `there is no kind of store ${scheme}: — ${EXPECTED}`)
  }
  if (rest === '') return { kind, target: '', label: `${scheme}:` }
  if (kind === 'sqlite') return ofFile(rest)
  // Without them a driver takes all of it for the name of a database, on a server of its own choice.
  if (!rest.startsWith('//')) throw new UsageError(`after ${scheme}: comes //; ${EXPECTED}`)
  return { kind, target: text, label: labelOf(text, kind) }
}

/** What is equal where two places are the same file, or the same database of a server for the same user. */
export function whereabouts({ kind, target, label }: Place): string {
  if (kind === 'sqlite') return existsSync(target) ? realpathSync(target) : target
  return kind === 'redis' ? label.replace(/\/0?$/, '') : `${label} ${URL.parse(target)?.username}`
}

/** A place that can be opened: it says where, not only what kind. */
export function checkLocated(place: Place): Place {
  if (place.target !== '') return place
  throw new UsageError(`${place.label} does not say where; ${EXPECTED}`)
}

function divided(text: string): [scheme: string | undefined, rest: string] {
  const [, scheme, rest] = /^([a-z][a-z+.-]+):(.*)$/is.exec(text) ?? []
  return [scheme?.toLowerCase(), rest ?? '']
}

function ofVariable(name: string, variable: (name: string) => string | undefined): Place {
  const value = variable(name)
  if (value === undefined || value === '')
    throw new UsageError(`the variable ${name || '(no name)'} of env: is not set`)
  if (divided(value)[0] === 'env') throw new UsageError(`the variable ${name} names another variable; ${EXPECTED}`)
  return { ...readPlace(value, variable), variable: name }
}

function ofFile(rest: string): Place {
  const path = rest.startsWith('//') ? rest.slice(2) : rest
  if (path === ':memory:') throw new UsageError('sqlite::memory: belongs to the process that made it; name a file')
  if (path === '') throw new UsageError('sqlite: needs the path of a file')
  return { kind: 'sqlite', target: path, label: `sqlite:${path}` }
}

function labelOf(text: string, kind: Kind): string {
  try {
    const { protocol, host, pathname } = new URL(text)
    return withoutCredentials(`${protocol}//${host}${pathname}`)
  } catch {
    const encode = 'characters such as @ : / # in a password are written %40 %3A %2F %23'
    throw new UsageError(`the URL of ${kind} cannot be read (it is not shown, for it may hold a password); ${encode}`)
  }
}
