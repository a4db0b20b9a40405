import type { Instant, Store, StoreEvents } from '@ttl/core'

/** What became of a session, numbered as the Agent Framework numbers it. Times are ISO 8601. */
export type LogEvent =
  | { readonly id: 6; readonly session: string; readonly expiresAt: string }
  | { readonly id: 7; readonly session: string; readonly checkAt: string }
  | { readonly id: 8; readonly session: string; readonly expiresAt: string; readonly now: string }
  | { readonly id: 9; readonly session: string; readonly expiresAt: string }
  | { readonly id: 10; readonly session: string; readonly expiresAt: string }
  | { readonly id: 11; readonly session: string }

export const SAYS: Readonly<Record<LogEvent['id'], string>> = {
  6: 'expiry updated',
  7: 'check scheduled',
  8: 'check ran',
  9: 'expired, deleted',
  10: 'check rescheduled',
  11: 'expiry cleared',
}

/**
 * Turns what a store tells of its groups into the log of their sessions. 7 is told by the host, which knows that a session
 * is new; the others are what has happened to the data, whoever did it.
 *
 * @returns ends it
 */
export async function watch(
  store: Store,
  namespace: string,
  tell: (event: LogEvent) => void,
): Promise<() => Promise<void>> {
  let now = ''
  const about = <Event extends StoreEvents['expired' | 'persisted' | 'refreshed' | 'sweep.rescheduled']>(
    listener: (session: string, expiresAt: Instant | undefined) => void,
  ) => {
    return (event: Event) => {
      if (event.kind === 'group' && event.namespace === namespace) listener(event.key, event.expiresAt)
    }
  }
  const checked = (id: 9 | 10) =>
    about((session, at) => {
      const expiresAt = String(at ?? now)
      tell({ id: 8, session, expiresAt, now })
      tell({ id, session, expiresAt })
    })
  const ends = await Promise.all([
    store.on('sweep.start', ({ asOf }) => {
      now = String(asOf)
    }),
    store.on(
      'refreshed',
      about((session, expiresAt) => tell({ id: 6, session, expiresAt: String(expiresAt) })),
    ),
    store.on(
      'persisted',
      about((session) => tell({ id: 11, session })),
    ),
    store.on('expired', checked(9)),
    store.on('sweep.rescheduled', checked(10)),
  ])
  return async () => void (await Promise.all(ends.map((end) => end())))
}
