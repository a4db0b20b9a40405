import { styleText } from 'node:util'

/** From when until when something lived, and why it ended. */
export interface Life {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly end: string
}

export interface Look {
  /** Of the terminal, in columns. */
  readonly width: number
  readonly color: boolean
}

type Style = Parameters<typeof styleText>[0]

/** What happens, a line at a time; and in the end who lived when. */
export class Screen {
  readonly #write: (text: string) => void
  readonly #look: Look
  #kept = 0
  #broken = 0

  constructor(write: (text: string) => void, look: Look) {
    this.#write = write
    this.#look = look
  }

  get broken(): number {
    return this.#broken
  }

  title(title: string, facts: readonly string[]): void {
    this.#line('')
    this.#line(this.#paint('bold', title))
    for (const fact of facts) this.#line(this.#paint('dim', fact))
    this.#line('')
  }

  /** Something that is done. */
  say(at: number, text: string): void {
    this.#line(`${this.#paint('dim', seconds(at))}    ${text}`)
  }

  /** Something that was promised. */
  check(at: number, holds: boolean, text: string): void {
    if (holds) this.#kept++
    else this.#broken++
    this.#line(
      `${this.#paint('dim', seconds(at))}  ${holds ? this.#paint('green', '✓') : this.#paint('red', '✗')} ${text}`,
    )
  }

  lives(lives: readonly Life[]): void {
    const names = Math.max(...lives.map(({ name }) => name.length))
    const ends = Math.max(...lives.map(({ end }) => end.length))
    const room = Math.max(20, Math.min(this.#look.width, 100) - names - ends - 8)
    const last = Math.max(...lives.map(({ to }) => to))
    this.#line('')
    this.#line(this.#paint('bold', 'Who lived when'))
    for (const { name, from, to, end } of lives) {
      const [start, stop] = [from, to].map((at) => Math.round((at / last) * room)) as [number, number]
      const line = ' '.repeat(start) + '━'.repeat(Math.max(1, stop - start))
      this.#line(`${name.padEnd(names)}  ${this.#paint('cyan', line.padEnd(room + 1))} ${this.#paint('dim', end)}`)
    }
    const ticks = Array.from({ length: Math.floor(last / 1_000) + 1 }, (_, second) => second)
    let axis = ''
    for (const second of ticks) {
      const column = Math.round(((second * 1_000) / last) * room)
      if (column >= axis.length) axis = `${axis.padEnd(column)}${second} s `
    }
    this.#line(this.#paint('dim', `${' '.repeat(names)}  ${axis}`))
  }

  end(): void {
    const all = this.#kept + this.#broken
    this.#line('')
    this.#line(
      this.#broken === 0
        ? this.#paint('green', `${all} promises, all kept`)
        : this.#paint('red', `${all} promises, ${this.#broken} broken`),
    )
    this.#line('')
  }

  #line(text: string): void {
    this.#write(`${`  ${text}`.trimEnd()}\n`)
  }

  #paint(style: Style, text: string): string {
    return this.#look.color && text !== '' ? styleText(style, text, { validateStream: false }) : text
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`.padStart(7)
}
