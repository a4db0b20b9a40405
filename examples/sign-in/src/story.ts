import { setTimeout as sleep } from 'node:timers/promises'
import { TtlError } from '@ttl/core'
import { type Life, type Screen, seconds } from './screen.ts'
import type { Receipt, SignIn, Spans } from './sign-in.ts'
import { onTime, type Seen, Stopwatch, type Timed } from './stopwatch.ts'

/** A server that may be killed. */
export interface Mortal {
  crash(): Promise<void>
  up(): Promise<void>
}

/** This machine stood still for so long that what was to be shown could not be. */
export class Stalled extends Error {}

/** A handful of people sign in and pay, in real time, and every promise is checked from outside. */
export class Story {
  readonly #app: SignIn
  readonly #spans: Spans
  readonly #screen: Screen
  readonly #watch = new Stopwatch()
  readonly #lives: Life[] = []
  #charged = 0

  constructor(app: SignIn, spans: Spans, screen: Screen) {
    this.#app = app
    this.#spans = spans
    this.#screen = screen
  }

  /** @param server to be killed in the second part; without it there is none */
  async tell(server: Mortal | undefined): Promise<void> {
    const [ada, grace, linus] = (await Promise.all(
      ['ada', 'grace', 'linus'].map((name) => this.#watch.time(() => this.#app.request(name))),
    )) as [Timed<string>, Timed<string>, Timed<string>]
    this.#say(`ada, grace and linus are sent links, good for ${this.#spans.link}`)
    await Promise.all([
      this.#opensAtOnce(ada).then((session) => this.#staysBusy(session)),
      this.#opensLate(grace),
      this.#leaves(linus),
      this.#pays('order 1'),
    ])
    if (server !== undefined) await this.#paysOnBothSidesOfACrash('order 2', server)
    this.#screen.lives(this.#lives.toSorted((a, b) => a.from - b.from))
  }

  /** A mail scanner, a double click, a prefetch: a link is opened by many. */
  async #opensAtOnce(link: Timed<string>): Promise<Timed<string>> {
    const opened = await this.#watch.time(() =>
      Promise.all(Array.from({ length: 20 }, () => this.#app.open(link.value))),
    )
    const [session = '', ...more] = opened.value.filter((each) => each !== undefined)
    this.#check(session !== '' && more.length === 0, "ada's link is opened 20 times at once: one session")
    this.#lived("ada's link", link.asked, opened.answered, 'opened')
    return { ...opened, value: session }
  }

  async #staysBusy(session: Timed<string>): Promise<void> {
    const { idle, max } = this.#spans
    let over = false
    let requests = 0
    const browse = async () => {
      for (let before = session.asked; !over; requests++) {
        const { asked, answered } = await this.#watch.time(() => this.#app.user(session.value))
        if (answered - before >= idle.ms && answered < session.asked + max.ms) throw new Stalled()
        before = asked
        await sleep(idle.ms / 5)
      }
    }
    const watch = async () => {
      const seen = await this.#seen(() => this.#app.sessions.has(session.value))
      over = true
      return seen
    }
    const [seen] = await Promise.all([watch(), browse()])
    this.#ended(`ada never rested (${requests} requests) and is signed out after`, max.ms, session, seen)
    this.#lived("ada's session", session.answered, seen.gone, 'cap')
  }

  async #opensLate(link: Timed<string>): Promise<void> {
    const { ms } = this.#spans.link
    const seen = await this.#seen(() => this.#app.links.has(link.value))
    this.#ended("grace's link, never opened, is gone after", ms, link, seen)
    this.#lived("grace's link", link.answered, seen.gone, 'expired')
    this.#check((await this.#app.open(link.value)) === undefined, 'grace opens it now: no session')
  }

  async #leaves(link: Timed<string>): Promise<void> {
    const opened = await this.#watch.time(() => this.#app.open(link.value))
    this.#lived("linus' link", link.asked, opened.answered, 'opened')
    const session = opened.value ?? ''
    await sleep(this.#spans.idle.ms / 2)
    const request = await this.#watch.time(() => this.#app.user(session))
    if (request.answered - opened.asked >= this.#spans.idle.ms) throw new Stalled()
    this.#say('linus makes his last request')
    const seen = await this.#seen(() => this.#app.sessions.has(session))
    this.#ended('linus rested and is signed out after', this.#spans.idle.ms, request, seen)
    this.#lived("linus' session", opened.answered, seen.gone, 'idle')
  }

  async #pays(key: string): Promise<void> {
    const first = await this.#attempts(key, 25)
    this.#check(this.#charged === 1, `${key} is paid 25 times at once: charged once, 25 times the same receipt`)
    await sleep(this.#spans.payment.ms / 2)
    const again = await this.#attempts(key, 1)
    if (again.answered - first.asked >= this.#spans.payment.ms) throw new Stalled()
    this.#check(this.#charged === 1, `${key} is paid again, later: the same receipt`)
    const seen = await this.#seen(() => this.#app.payments.has(key))
    this.#ended(`${key}, written twice, is forgotten after`, this.#spans.payment.ms, first, seen)
    this.#lived(key, first.answered, seen.gone, 'fixed')
  }

  async #paysOnBothSidesOfACrash(key: string, server: Mortal): Promise<void> {
    const first = await this.#attempts(key, 1)
    const deadline = await this.#deadlineOf(key)
    await server.crash()
    this.#say(`${key} is paid; the server is killed`)
    const error = await this.#app.pay(key, this.#charge).catch((error: unknown) => error)
    const isOutage = error instanceof TtlError && error.code === 'TTL_BACKEND' && error.retryable
    this.#check(isOutage, 'paying now is an error that says "try again", not "never heard of it"')
    const comesBack = async () => {
      const charged = this.#charged
      const { asked } = await this.#watch.time(() => server.up())
      const again = await this.#retried(() => this.#attempts(key, 1))
      if (again.answered - first.asked >= this.#spans.payment.ms) throw new Stalled()
      const after = seconds(again.answered - asked).trim()
      this.#check(this.#charged === charged, `back after ${after}, ${key} is paid again: the same receipt`)
      this.#check((await this.#deadlineOf(key)) === deadline, 'its deadline is where it was')
    }
    const [seen] = await Promise.all([this.#seen(() => this.#app.payments.has(key)), comesBack()])
    this.#ended(`${key} is forgotten after`, this.#spans.payment.ms, first, seen)
    this.#lived(key, first.answered, seen.gone, 'fixed')
  }

  /** @throws {@link Stalled} when it is over */
  async #deadlineOf(key: string): Promise<number> {
    const expiry = await this.#app.payments.expiry(key)
    if (expiry.state !== 'expires') throw new Stalled()
    return expiry.expiresAt.epochMilliseconds
  }

  /** Pays so often at once. All get the same receipt, or it is a different story. */
  async #attempts(key: string, count: number): Promise<Timed<unknown>> {
    const all = await this.#watch.time(() =>
      Promise.all(Array.from({ length: count }, () => this.#app.pay(key, this.#charge))),
    )
    const numbers = new Set(all.value.map(({ number }) => number))
    if (numbers.size !== 1) this.#check(false, `${key} has ${numbers.size} receipts`)
    return all
  }

  readonly #charge = async (): Promise<Receipt> => {
    const number = ++this.#charged
    await sleep(this.#spans.idle.ms / 10)
    return { number }
  }

  async #retried<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof TtlError && error.retryable)) throw error
        await sleep(10)
      }
    }
  }

  #seen(isThere: () => Promise<boolean>): Promise<Seen> {
    return this.#watch.watch(isThere, Math.min(20, this.#spans.idle.ms / 25))
  }

  #ended(text: string, spanMs: number, event: Timed<unknown>, seen: Seen): void {
    const outages = seen.outages === 0 ? '' : `; ${seen.outages} times there was no telling`
    const between = `there at ${seconds(seen.last).trim()}, gone at ${seconds(seen.gone).trim()}${outages}`
    this.#check(onTime(event, spanMs, seen), `${text} ${seconds(spanMs).trim()} (${between})`)
  }

  #say(text: string): void {
    this.#screen.say(this.#watch.now(), text)
  }

  #check(holds: boolean, text: string): void {
    this.#screen.check(this.#watch.now(), holds, text)
  }

  #lived(name: string, from: number, to: number, end: string): void {
    this.#lives.push({ name, from, to, end })
  }
}
