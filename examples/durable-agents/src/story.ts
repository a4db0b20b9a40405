import { type Backend, createStore, never } from '@ttl/core'
import type { ManualClock } from '@ttl/core/testing'
import type { Agent } from './config.ts'
import { AgentHost } from './host.ts'
import { type LogEvent, SAYS } from './log.ts'

const DAY_MS = 86_400_000
const DAYS = 84
/** So many days are one character of the picture. */
const STEP = 2

/** Remembers what was said to it. */
const friend: Agent = {
  run: (_, { history }) =>
    history.length === 0 ? 'Nice to meet you.' : `You said: ${history.map(({ said }) => said).join(', ')}.`,
}

type Time = Pick<ManualClock, 'now' | 'run' | 'after'>

/** Twelve weeks of one conversation that rests, and one that is kept. Written as it is told. */
export async function* tell(backend: Backend, clock: Time): AsyncGenerator<string> {
  const store = createStore({ backend })
  const start = clock.now()
  const day = (at: number | string = clock.now()) => Math.floor((new Date(at).getTime() - start) / DAY_MS)
  const marks = new Map([
    ['support/ada', new Map<number, string>()],
    ['archive/ada', new Map<number, string>()],
  ])
  const lines: string[] = []
  const mark = (session: string, sign: string) => marks.get(session)?.set(Math.floor(day() / STEP), sign)
  const line = (text: string) => lines.push(`  day ${String(day()).padStart(2)}  ${text}\n`)

  const log = (event: LogEvent) => {
    const until = 'expiresAt' in event ? event.expiresAt : 'checkAt' in event ? event.checkAt : undefined
    const when = until === undefined ? '' : ` · day ${day(until)}`
    line(`${String(event.id).padStart(4)} ${SAYS[event.id]}${event.id === 9 ? '' : when}`)
    if (event.id === 9) mark(event.session, '✝')
    if (event.id === 10) mark(event.session, '○')
  }
  const open = async (idle: '30d' | '5d') => {
    const host = new AgentHost(store, { agents: { support: { ...friend, idle }, archive: { ...friend, idle: never } } })
    await host.log(log)
    return host
  }
  const host = await open('30d')
  await using _sweeper = host.start({ interval: '1d', timers: clock })

  const says = (agent: string, message: string) => async () => {
    const answer = await host.send(agent, 'ada', message)
    line(`${agent.padEnd(8)} ${message.padEnd(13)} ${answer?.text}`)
    mark(`${agent}/ada`, 'M')
  }
  const plot: readonly (readonly [day: number, act: () => Promise<void>])[] = [
    [0, says('support', 'hello')],
    [0, says('archive', 'keep this')],
    [15, says('support', 'me again')],
    [40, says('support', 'still here')],
    [72, says('support', 'hello')],
    [
      80,
      async () => {
        const next = await open('5d')
        const { changed } = await next.adopt()
        line(`restarted with 5 days for support: ${changed} session adopted, its last use is 8 days ago`)
        if ((await next.history('support', 'ada')).length === 0) mark('support/ada', '✝')
      },
    ],
    [DAYS, says('archive', 'what was it')],
  ]

  yield '\n  support ends when it rests for 30 days, archive never\n\n'
  for (const [at, act] of plot) {
    if (at > day()) await clock.run({ days: at - day() })
    // What is logged while a message is answered belongs below it.
    const logged = lines.splice(0)
    yield* logged
    await act()
    const [last, ...before] = lines.splice(0).reverse()
    yield `${last}${before.reverse().join('')}`
  }
  yield '\n'
  yield `  day          ${ruler()}\n`
  for (const [session, signs] of marks) yield `  ${session.padEnd(12)} ${drawn(signs)}\n`
  yield '\n  M message   ○ checked and left alone   ✝ gone, whole   ▶ lives on\n'
}

function drawn(signs: ReadonlyMap<number, string>): string {
  let [line, alive] = ['', false]
  for (let column = 0; column <= DAYS / STEP; column++) {
    const sign = signs.get(column)
    if (sign !== undefined) alive = sign !== '✝'
    line += sign ?? (alive ? '─' : ' ')
  }
  return alive ? `${line}▶` : line.trimEnd()
}

function ruler(): string {
  let line = ''
  for (let day = 0; day <= DAYS; day += 10) line = line.padEnd(day / STEP) + day
  return line
}
