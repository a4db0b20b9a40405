import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Duration, fixed, type Namespace, type Store, sliding } from '@ttl/core'

/** How long things live. */
export interface Spans {
  /** A link that nobody opens. */
  readonly link: Duration
  /** A session without a request. */
  readonly idle: Duration
  /** A session in any case. */
  readonly max: Duration
  /** What is known about a payment, from the first attempt. */
  readonly payment: Duration
}

export interface User {
  readonly name: string
}

export interface Receipt {
  readonly number: number
}

type Payment = { readonly state: 'pending' } | { readonly state: 'done'; readonly receipt: Receipt }

/** Sign-in by a link in a mail, and payments that are made once. Nothing here computes a deadline. */
export class SignIn {
  readonly links: Namespace<User>
  readonly sessions: Namespace<User>
  readonly payments: Namespace<Payment>

  constructor(store: Store, { link, idle, max, payment }: Spans) {
    this.links = store.namespace('link', { policy: fixed(link) })
    this.sessions = store.namespace('session', { policy: sliding(idle, { max }) })
    this.payments = store.namespace('payment', { policy: fixed(payment) })
  }

  /** @returns the token of the link in the mail */
  async request(name: string): Promise<string> {
    const token = randomUUID()
    await this.links.set(token, { name })
    return token
  }

  /** Opens the link. @returns a session, for one of all who try */
  async open(token: string): Promise<string | undefined> {
    const user = await this.links.take(token)
    if (user === undefined) return undefined
    const session = randomUUID()
    await this.sessions.set(session, user)
    return session
  }

  /** Who makes this request. Keeps the session alive. */
  user(session: string): Promise<User | undefined> {
    return this.sessions.get(session)
  }

  /** Charges once, however often and by however many at a time it is asked with this key. */
  async pay(key: string, charge: () => Promise<Receipt>): Promise<Receipt> {
    for (;;) {
      if (await this.payments.set(key, { state: 'pending' }, { if: 'absent' })) {
        const receipt = await charge()
        // Fixed from the first write: this one leaves the deadline where it is.
        await this.payments.set(key, { state: 'done', receipt })
        return receipt
      }
      const payment = await this.payments.get(key)
      if (payment?.state === 'done') return payment.receipt
      await sleep(10)
    }
  }
}
