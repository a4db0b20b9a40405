import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { withStore } from '../open/index.ts'
import { examples, jsonOption } from '../options.ts'
import type { Place } from '../place.ts'
import { type EntryOptions, entryCommand, expirationOf, json, notThere, prose } from './entry.ts'

export function expiryCommand(context: Context): Command {
  return entryCommand('expiry', context)
    .summary('when one entry or group expires, and what restarts it')
    .description(
      'Tells when one entry or group expires, and what restarts it. Restarts nothing. Exit code 1 when it is not there.',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['ttl expiry sqlite:app.db session s1', 'an entry'],
        ['ttl expiry sqlite:app.db thread t1 --group', 'a group'],
      ),
    )
    .action((place: Place, namespace: string, key: string, options: EntryOptions) =>
      withStore(context, place, options, 'read', async ({ store, now }) => {
        const expiration = await expirationOf(store.namespace(namespace), key, options.group)
        if (expiration.state === 'absent') throw notThere(namespace, key, options.group)
        if (options.json) context.printJson({ store: place.label, namespace, key, ...json(expiration) })
        else context.print(prose(key, expiration, await now()))
      }),
    )
}
