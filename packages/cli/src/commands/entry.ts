/** What `get`, `expiry` and `explain` have in common: one entry or group of a store. */
import type { Expiration, Instant, LiveExpiration, Namespace } from '@ttl/core'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { Failure } from '../exit.ts'
import { type Common, storeCommand } from '../options.ts'
import { printable, when } from '../text/humane.ts'

export interface EntryOptions extends Common {
  readonly group?: boolean | undefined
}

export function entryCommand(name: string, context: Context): Command {
  return storeCommand(name, context)
    .argument('<namespace>', 'as in store.namespace(…)')
    .argument('<key>', 'the key of an entry; with --group the id of a group')
    .addOption(new Option('-g, --group', 'a group, not an entry'))
}

export function expirationOf(ns: Namespace, key: string, group: boolean | undefined): Promise<Expiration> {
  return group ? ns.group(key).expiry() : ns.expiry(key)
}

export function notThere(namespace: string, key: string, group: boolean | undefined): Failure {
  const what = group ? 'group' : 'entry'
  return new Failure(`there is no live ${what} ${JSON.stringify(key)} in the namespace ${JSON.stringify(namespace)}`)
}

/** An expiration for programs: spans in milliseconds. */
export function json(expiration: LiveExpiration): object {
  if (expiration.state === 'never') return expiration
  const { remaining, ttl, ...rest } = expiration
  return { ...rest, remainingMs: remaining.ms, ttlMs: ttl?.ms }
}

const RESTARTS = { create: 'nothing but a new creation', write: 'each write', access: 'each write and each read' }

/** An expiration for people. */
export function prose(key: string, expiration: LiveExpiration, now: Instant): string[] {
  const { bornAt, restartOn, refreshAfter } = expiration
  const line = (name: string, text: string) => `  ${name.padEnd(11)}${text}`
  const born = bornAt === undefined ? [] : [line('born', when(bornAt, now))]
  if (expiration.state === 'never') return [printable(key), line('expires', 'never'), ...born]
  const { expiresAt, ttl, capAt } = expiration
  const gate = restartOn === 'access' && refreshAfter > 0 ? `, once ${refreshAfter * 100} % of it has passed` : ''
  return [
    printable(key),
    line('expires', when(expiresAt, now)),
    ...(ttl === undefined ? [] : [line('window', `${ttl}, restarted by ${RESTARTS[restartOn]}${gate}`)]),
    ...(capAt === undefined ? [] : [line('at latest', when(capAt, now))]),
    ...born,
  ]
}
