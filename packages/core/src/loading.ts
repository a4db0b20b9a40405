import type { Awaitable, Backend, Payload, ReadOptions } from './backend.ts'
import type { Flights } from './flights.ts'
import type { Port } from './port.ts'
import type { Placement } from './timing.ts'
import type { Values } from './values.ts'

/** What a flight brings back. */
export interface Loaded {
  readonly payload: Payload
  /** Whether it was found by a read that does not restart. */
  readonly peeked: boolean
}

interface Parts<Value> {
  readonly name: string
  readonly port: Port
  readonly values: Values<Value>
  readonly flights: Flights<Loaded>
}

/** The reading, loading and storing of `getOrSet`: one load at a time for each key, and nothing newer is written over. */
export class Loading<Value> {
  readonly #parts: Parts<Value>

  constructor(parts: Parts<Value>) {
    this.#parts = parts
  }

  async payload(
    backend: Backend,
    key: string,
    load: (key: string) => Awaitable<Value>,
    placement: Placement,
    read: ReadOptions,
  ): Promise<Payload> {
    const { name, port, values, flights } = this.#parts
    const found = async (): Promise<Payload | undefined> => (await backend.read(name, [key], read))[0]?.payload
    const answer = await flights.join(name, key, async (isCurrent) => {
      const hit = await found()
      port.meter.read(hit === undefined ? 0 : 1, hit === undefined ? 1 : 0)
      if (hit !== undefined) return { payload: hit, peeked: !read.touch }
      const payload = values.encode(await port.outside(() => load(key)))
      if (!isCurrent()) return { payload, peeked: false }
      const [outcome] = await backend.write(name, [{ key, payload, placement, condition: 'absent' }])
      if (outcome instanceof Error) throw outcome
      return { payload: outcome === true ? payload : ((await found()) ?? payload), peeked: false }
    })
    // Who joined a flight that only peeked, but asked for a restart, reads for itself.
    return (answer.peeked && read.touch ? await found() : undefined) ?? answer.payload
  }
}
