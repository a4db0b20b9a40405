/** A day at the support desk, quarter of an hour by quarter of an hour. */
import {
  type Duration,
  type DurationLiteral,
  duration,
  milliseconds,
  never,
  rolling,
  type Store,
  sliding,
} from '@ttl/core'
import { decide, look, type Reply, say, supportDesk } from './desk.ts'
import { TtlSaver, TtlStore } from './langgraph/index.ts'

/** Time of the day, in minutes. */
export const [OPENS, CLOSES, QUARTER] = [9 * 60, 18 * 60, 15]

/** Where the day takes place. */
export interface Place {
  readonly store: Store
  /** How many times faster than the day its clock runs: 1 where the clock is in our hands. */
  readonly speed: number
  /** Waits for that time of the day. */
  readonly until: (minute: number) => Promise<void>
}

export type Kind = 'says' | 'waits' | 'looks' | 'decides' | 'late' | 'ends'

export interface Happening {
  readonly minute: number
  readonly thread: string
  readonly kind: Kind
  readonly text: string
  /** What the thread has left after it, in minutes; `'never'` ends it. */
  readonly left: number | 'never' | undefined
}

export interface Day {
  readonly happenings: readonly Happening[]
  /** The threads, and at which quarters each was alive. */
  readonly lives: ReadonlyMap<string, ReadonlySet<number>>
  /** What is left when the desk closes. */
  readonly checkpoints: number
  readonly items: readonly string[]
  readonly swept: number
}

type Act = (desk: ReturnType<typeof supportDesk>, thread: string) => Promise<Pick<Happening, 'kind' | 'text'>>

const message =
  (text: string): Act =>
  async (desk, thread) => {
    const [kind, name = ''] = thread.split(':')
    return answered('says', text, await say(desk, thread, kind === 'admin' ? 'boss' : name, text))
  }

const decision =
  (text: string): Act =>
  async (desk, thread) => {
    const reply = await decide(desk, thread, text)
    return reply === undefined
      ? { kind: 'late', text: `${text} … but nothing waits for it any more` }
      : answered('decides', text, reply)
  }

const glance: Act = async (desk, thread) => {
  const seen = await look(desk, thread)
  return { kind: 'looks', text: `looks, and sees ${seen === 1 ? 'one message' : `${seen} messages`}` }
}

const answered = (kind: Kind, text: string, reply: Reply) => ({
  kind: reply.waits ? ('waits' as const) : kind,
  text: `${text} → ${reply.text}`,
})

const PLAN: readonly (readonly [at: string, thread: string, act: Act])[] = [
  ['09:00', 'session:ada', message('Where is my order?')],
  ['09:00', 'admin:dashboard', message('Watch the refunds.')],
  ['09:30', 'session:bob', message('I want my 80 back.')],
  ['10:30', 'session:ada', glance],
  ['11:00', 'session:bob', decision('yes')],
  ['12:00', 'session:ada', glance],
  ['13:30', 'session:ada', glance],
  ['13:45', 'session:eve', message('I want my 500 back.')],
  ['15:00', 'session:ada', message('Any news?')],
  ['16:15', 'session:eve', decision('yes')],
  ['16:30', 'session:ada', glance],
  ['17:30', 'session:ada', message('Any news?')],
  ['18:00', 'admin:dashboard', message('How many were there?')],
]

/** Lets the day pass. */
export async function day({ store, speed, until }: Place): Promise<Day> {
  const span = (text: DurationLiteral): Duration => milliseconds(duration(text).ms / speed)
  const session = sliding(span('2h'), { max: span('8h') })
  // Sessions end after two hours without a use, and after eight in any case. What the administrator looks at stays.
  const saver = new TtlSaver(store, { policy: (id) => (id.startsWith('admin:') ? { ttl: never } : session) })
  const items = new TtlStore(store, {
    policy: rolling(span('30d')),
    rules: [{ namespace: ['customers', '*', 'drafts'], policy: rolling(span('20m')) }],
  })
  const desk = supportDesk(saver, items)
  const left = async (thread: string): Promise<number | 'never' | undefined> => {
    const expiry = await saver.thread(thread).expiry()
    if (expiry.state !== 'expires') return expiry.state === 'never' ? 'never' : undefined
    capped.set(thread, expiry.expiresAt.epochMilliseconds === expiry.capAt?.epochMilliseconds)
    return Math.round((expiry.remaining.ms * speed) / 60_000)
  }
  const capped = new Map<string, boolean>()
  const happenings: Happening[] = []
  const lives = new Map<string, Set<number>>()
  // What is loaded on first use is loaded before the desk opens.
  await look(desk, 'nobody')
  for (let minute = OPENS; minute <= CLOSES; minute += QUARTER) {
    await until(minute)
    for (const [thread, alive] of lives) {
      if (!alive.has(minute - QUARTER) || (await left(thread)) !== undefined) continue
      const text = capped.get(thread) ? 'ends: eight hours, used or not' : 'ends: two hours without a use'
      happenings.push({ minute, thread, kind: 'ends', text, left: undefined })
    }
    for (const [, thread, act] of PLAN.filter(([at]) => minuteOf(at) === minute)) {
      happenings.push({ minute, thread, ...(await act(desk, thread)), left: await left(thread) })
      if (!lives.has(thread)) lives.set(thread, new Set())
    }
    for (const [thread, alive] of lives) if ((await left(thread)) !== undefined) alive.add(minute)
  }
  let checkpoints = 0
  for await (const _ of saver.list({})) checkpoints++
  const found = await items.search([], { limit: 100, touch: false })
  return {
    happenings,
    lives,
    checkpoints,
    items: found.map(({ namespace, key }) => [...namespace, key].join('/')).sort(),
    swept: (await store.sweep()).deleted,
  }
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
