import { type Backend, createStore, epochMs, never } from '@ttl/core'
import type { ManualClock } from '@ttl/core/testing'
import { Model } from './model.ts'

interface Session {
  readonly id: string
  readonly team: string
  readonly seen?: number
}

type Sessions = Model<Session>
type Act = (sessions: Sessions, day: number) => Promise<unknown>

interface Role {
  readonly id: string
  readonly why: string
  /** What happens on which day, and its mark in the picture. */
  readonly acts: readonly (readonly [day: number, mark: string, act: Act])[]
}

const DAYS = 180
/** So many days are one character. */
const STEP = 5
const DAY_MS = 86_400_000

/** The half of a year in which seven records of one class end, or do not. Written as it is told. */
export async function* tell(backend: Backend, clock: Pick<ManualClock, 'now' | 'run'>): AsyncGenerator<string> {
  const store = createStore({ backend })
  const sessions: Sessions = new Model<Session>(store, {
    name: 'session',
    ttl: '90d',
    index: { team: ({ team }) => team },
  })
  const start = clock.now()
  const roles = cast((day) => start + day * DAY_MS)
  const lines = new Map(roles.map(({ id }) => [id, '']))
  const finds: string[] = []

  yield `\n  class Session · ${sessions.meta.ttl} from its last save, as its meta says\n\n`
  for (let day = 0; day <= DAYS; day += STEP) {
    for (const { id, acts } of roles) {
      const now = acts.find(([on]) => on === day)
      if (now !== undefined) await now[2](sessions, day)
      const line = lines.get(id) as string
      const alive = await sessions.has(id)
      const mark = alive ? (now?.[1] ?? '─') : line.endsWith('✝') || line.endsWith(' ') ? ' ' : '✝'
      lines.set(id, line + mark)
    }
    if (day % 45 === 0) {
      const found = await sessions.find('team', 'blue')
      const ids = found.map(({ id }) => id).sort()
      finds.push(`  day ${String(day).padStart(3)}   ${ids.join(' · ') || 'nobody'}\n`)
    }
    if (day < DAYS) await clock.run({ days: STEP })
  }

  yield `  ${''.padEnd(6)}${ruler()}\n`
  for (const { id, why } of roles) {
    const line = lines.get(id) as string
    yield `  ${id.padEnd(6)}${(line.endsWith('─') ? line.replace(/─$/, '▶') : line).padEnd(DAYS / STEP + 2)}${why}\n`
  }
  yield `\n  S saved   s saved by a job   P pinned   ✝ gone   ▶ lives on\n\n  found under team = blue\n`
  yield* finds
  const [live, { deleted }] = [await sessions.count(), await store.sweep()]
  const freed = store.capabilities.reclaims === 'native' ? 'and nothing to free' : `and ${deleted} dead rows to free`
  yield `\n  At the end ${live} are live, ${freed}. No read ever saw one of them.\n`
}

function cast(at: (day: number) => number): readonly Role[] {
  const record = (id: string, seen: number): Session => ({ id, team: id < 'd' ? 'blue' : 'red', seen })
  const saves =
    (id: string): Act =>
    (sessions, day) =>
      sessions.save(record(id, day))
  const job: Act = (sessions, day) => sessions.update('bob', { seen: day }, { expiry: 'keep' })
  const every = (days: number, act: Act) =>
    Array.from({ length: 8 }, (_, index) => [(index + 1) * days, 's', act] as const)
  return [
    {
      id: 'ada',
      why: 'saved again on day 60',
      acts: [
        [0, 'S', saves('ada')],
        [60, 'S', saves('ada')],
      ],
    },
    { id: 'bob', why: 'a job writes, keeping the expiry', acts: [[0, 'S', saves('bob')], ...every(10, job)] },
    {
      id: 'cleo',
      why: 'a ttl of her own: 30 days',
      acts: [
        [0, 'S', (sessions) => sessions.save(record('cleo', 0), { ttl: '30d' })],
        [20, 'S', saves('cleo')],
      ],
    },
    {
      id: 'dan',
      why: 'until day 75, whoever saves',
      acts: [
        [0, 'S', (sessions) => sessions.save(record('dan', 0), { expiresAt: epochMs(at(75)) })],
        [45, 'S', saves('dan')],
      ],
    },
    {
      id: 'eve',
      why: 'pinned on day 85',
      acts: [
        [0, 'S', saves('eve')],
        [85, 'P', (sessions) => sessions.pin('eve')],
        [120, 'S', saves('eve')],
      ],
    },
    {
      id: 'fay',
      why: 'never, from the first save',
      acts: [[0, 'S', (sessions) => sessions.save(record('fay', 0), { ttl: never })]],
    },
    {
      id: 'gus',
      why: 'came back too late: a new one',
      acts: [
        [0, 'S', saves('gus')],
        [105, 'S', saves('gus')],
      ],
    },
  ]
}

function ruler(): string {
  let line = ''
  for (let day = 0; day <= DAYS; day += 30) line = line.padEnd(day / STEP) + day
  return line
}
