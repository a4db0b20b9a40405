import type { Backend, Clock } from '@ttl/core/adapter'
import type { Harness, Place } from './harness.ts'
import type { Transform } from './transform.ts'

/** A place and the backends that are open on it. */
export class Stage {
  readonly #harness: Harness
  readonly #clock: Clock | undefined
  readonly #transform: Transform | undefined
  readonly #place: Place
  readonly #opened: Backend[] = []
  readonly #guests: Stage[] = []
  readonly #isGuest: boolean

  private constructor(
    harness: Harness,
    clock: Clock | undefined,
    transform: Transform | undefined,
    place: Place,
    guest: boolean,
  ) {
    this.#harness = harness
    this.#clock = clock
    this.#transform = transform
    this.#place = place
    this.#isGuest = guest
  }

  static async create(harness: Harness, clock: Clock | undefined, transform?: Transform): Promise<Stage> {
    return new Stage(harness, clock, transform, await harness.create({ clock }), false)
  }

  /** Opens a backend. */
  async open(): Promise<Backend> {
    const backend = await this.#openPlain()
    return this.#transform === undefined ? backend : this.#transform.wrap(backend, () => this.#openPlain())
  }

  /** Another stage on the same place, for one who shares it with others. */
  guest(): Stage {
    return new Stage(this.#harness, this.#clock, this.#transform, this.#place, true)
  }

  /** A stage on another place. */
  async apart(): Promise<Stage> {
    const stage = await Stage.create(this.#harness, this.#clock, this.#transform)
    this.#guests.push(stage)
    return stage
  }

  /** Closes what was opened here. */
  async leave(): Promise<void> {
    for (const backend of this.#opened.splice(0).reverse()) await backend.close()
  }

  /** Closes what was opened here, and removes the place. */
  async close(): Promise<void> {
    await this.leave()
    for (const guest of this.#guests.splice(0)) await guest.close()
    if (!this.#isGuest) await this.#place.destroy?.()
  }

  async #openPlain(): Promise<Backend> {
    const backend = await this.#place.open()
    this.#opened.push(backend)
    return backend
  }
}
