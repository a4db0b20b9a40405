import { setTimeout as sleep } from 'node:timers/promises'
import type { Capabilities } from '@ttl/core'
import { type Backend, systemClock } from '@ttl/core/adapter'
import { ExactTime } from './exact-time.ts'
import type { Harness } from './harness.ts'
import { type Facts, factsOf, inapplicable, type Law } from './law.ts'
import { type Pace, playAllExact, playExact, playReal } from './play.ts'
import { BASE_SCALE, offsetOf } from './real-time.ts'
import { Stage } from './stage.ts'
import type { Transform } from './transform.ts'

/** How a law came out. */
export type Verdict =
  | { readonly held: true }
  | { readonly held: false; readonly error: unknown }
  | { readonly held: undefined; readonly because: string }

/** Laws in flight at once in real time; those with a place of their own are dearer. */
const TOGETHER = 32
const TOGETHER_ALONE = 4
const TOGETHER_HEAVY = 4

/** Plays laws for one harness. In real time all of them start with the first one asked for. */
export class Session {
  readonly #harness: Harness
  readonly #laws: readonly Law[]
  readonly #pace: Pace = { scale: BASE_SCALE, overruns: 0 }
  readonly #waves = new Map<Transform | undefined, Promise<ReadonlyMap<Law, Promise<Verdict>>>>()
  #capabilities: Promise<Capabilities> | undefined

  constructor(harness: Harness, laws: readonly Law[]) {
    this.#harness = harness
    this.#laws = laws
  }

  /** What the backend says about itself when it is offered a clock. */
  capabilities(): Promise<Capabilities> {
    this.#capabilities ??= this.#probe()
    return this.#capabilities
  }

  /** Plays one law as it stands. */
  async play(law: Law): Promise<Verdict> {
    const capabilities = await this.capabilities()
    const because = unfit(law, factsOf(capabilities))
    if (because !== undefined) return { held: undefined, because }
    if (capabilities.clock !== 'injected') return (await this.#wave(undefined)).get(law) as Promise<Verdict>
    return verdict(() => playExact(law, this.#harness, capabilities.resolutionMs))
  }

  /** Plays every law under a transform. */
  async playAll(transform: Transform): Promise<ReadonlyMap<Law, Verdict>> {
    const capabilities = await this.capabilities()
    const facts = factsOf(capabilities)
    const verdicts = new Map<Law, Verdict>()
    const fit: Law[] = []
    for (const law of this.#laws) {
      const because = unfit(law, facts, transform)
      if (because === undefined) fit.push(law)
      else verdicts.set(law, { held: undefined, because })
    }
    if (fit.length === 0) return verdicts
    if (capabilities.clock === 'injected') {
      const plays = playAllExact(fit, this.#harness, capabilities.resolutionMs, transform)
      for await (const [law, play] of plays) verdicts.set(law, await verdict(play))
    } else {
      for (const [law, outcome] of await this.#wave(transform)) verdicts.set(law, await outcome)
    }
    return verdicts
  }

  /** How often a law had to be played again because the machine was too slow. */
  get overruns(): number {
    return this.#pace.overruns
  }

  async #probe(): Promise<Capabilities> {
    const stage = await Stage.create(this.#harness, new ExactTime(0).clock)
    try {
      const { capabilities } = await stage.open()
      this.#pace.scale = Math.max(BASE_SCALE, (capabilities.resolutionMs + 5) / 1_000)
      return capabilities
    } finally {
      await stage.close()
    }
  }

  #wave(transform: Transform | undefined): Promise<ReadonlyMap<Law, Promise<Verdict>>> {
    let wave = this.#waves.get(transform)
    if (wave === undefined) {
      wave = this.#start(transform)
      this.#waves.set(transform, wave)
    }
    return wave
  }

  async #start(transform: Transform | undefined): Promise<ReadonlyMap<Law, Promise<Verdict>>> {
    const facts = factsOf(await this.capabilities())
    const shared = await Stage.create(this.#harness, undefined, transform)
    const first = await shared.open()
    const burst = await warmed(first)
    const offset = await offsetOf(() => first.now())
    const verdicts = new Map<Law, PromiseWithResolvers<Verdict>>()
    for (const law of this.#laws) {
      if (unfit(law, facts, transform) === undefined) verdicts.set(law, Promise.withResolvers<Verdict>())
    }
    const run = async (law: Law): Promise<void> => {
      const { overruns } = this.#pace
      const scale = Math.max(this.#pace.scale, (4 * burst) / 3_000)
      // A slow machine is slow for all that follow.
      const pace = { scale: scale * 2 ** Math.min(2, Math.floor(overruns / 12)), overruns: 0 }
      const outcome = await verdict(() => playReal(law, this.#harness, shared, first, offset, pace, transform))
      this.#pace.overruns += pace.overruns
      verdicts.get(law)?.resolve(outcome)
    }
    const laws = [...verdicts.keys()]
    const alone = laws.filter((law) => law.alone)
    const together = laws.filter((law) => !law.alone)
    const all = Promise.all([
      pool(alone, TOGETHER_ALONE, run),
      pool(
        together.filter((law) => !law.heavy),
        TOGETHER,
        run,
      ),
    ]).then(() =>
      pool(
        together.filter((law) => law.heavy),
        TOGETHER_HEAVY,
        run,
      ),
    )
    // Nobody waits for this: a place that cannot be closed shows in the law that closes places.
    void all.then(() => shared.close()).catch(() => undefined)
    return new Map([...verdicts].map(([law, { promise }]) => [law, promise]))
  }
}

/** Why a law is not played; `undefined` when it is. */
function unfit(law: Law, facts: Facts, transform?: Transform): string | undefined {
  const because = inapplicable(law, facts)
  if (because !== undefined || transform === undefined) return because
  if (transform.shared && facts.shared === 'no') return 'shared: no'
  if (transform.origin !== undefined && facts.clock !== 'injected') return `clock: ${facts.clock}`
  if (law.once) return 'once'
  const seen = law.observes?.find((what) => transform.changes.includes(what))
  return seen === undefined ? undefined : `observes: ${seen}`
}

async function verdict(play: () => Promise<unknown>): Promise<Verdict> {
  try {
    await play()
    return { held: true }
  } catch (error) {
    return { held: false, error }
  }
}

/** Opens what a backend opens when many call at once; answers how long, in milliseconds, so many calls take then. */
async function warmed(backend: Backend): Promise<number> {
  let burst = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    const started = systemClock.now()
    await Promise.all(Array.from({ length: TOGETHER }, (_, index) => backend.inspect('entry', 'warm', [`k${index}`])))
    burst = Math.min(burst, systemClock.now() - started)
  }
  return burst
}

async function pool<T>(items: readonly T[], workers: number, run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const work = async (worker: number): Promise<void> => {
    await sleep(worker * 8)
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
}
