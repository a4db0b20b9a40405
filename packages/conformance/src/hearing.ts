import type { Store, StoreEvent, StoreEvents } from '@ttl/core'

/** Collects what a store tells, in order, until it is asked. */
export async function hearing<Name extends StoreEvent>(
  store: Store,
  ...wanted: readonly Name[]
): Promise<{ heard(): { [Each in Name]: { name: Each } & StoreEvents[Each] }[Name][]; stop(): Promise<void> }> {
  type Heard = { [Each in Name]: { name: Each } & StoreEvents[Each] }[Name]
  let all: Heard[] = []
  const offs: (() => Promise<void>)[] = []
  for (const name of wanted) {
    offs.push(await store.on(name, (event) => all.push({ name, ...event } as Heard)))
  }
  return {
    heard() {
      const told = all
      all = []
      return told
    },
    async stop() {
      for (const off of offs) await off()
    },
  }
}

/** `set entry k`, one for each event. */
export const brief = (
  events: readonly { readonly name: string; readonly kind: string; readonly key: string }[],
): string[] => events.map(({ name, kind, key }) => `${name} ${kind} ${key}`)
