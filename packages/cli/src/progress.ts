import { grouped } from './text/humane.ts'

const REDRAW_MS = 120
const BAR = 30

/** How far a long piece of work is, on one line of a terminal that is drawn again and again. Silent elsewhere. */
export class Progress {
  readonly #terminal: NodeJS.WriteStream
  readonly #what: string
  readonly #timer: NodeJS.Timeout | undefined
  #done = 0
  #total: number | undefined
  #drawn = false

  /** @param what `'Removing'` */
  constructor(terminal: NodeJS.WriteStream, what: string) {
    this.#terminal = terminal
    this.#what = what
    this.#timer = Progress.shows(terminal) ? setInterval(() => this.#draw(), REDRAW_MS).unref() : undefined
  }

  static shows(terminal: NodeJS.WriteStream): boolean {
    return terminal.isTTY === true && process.env.TERM !== 'dumb'
  }

  /** @param total `undefined` when nobody knows */
  update(done: number, total: number | undefined): void {
    this.#done = done
    this.#total = total
  }

  end(): void {
    clearInterval(this.#timer)
    if (this.#drawn) this.#terminal.write('\r\u001b[K')
    this.#drawn = false
  }

  #draw(): void {
    this.#drawn = true
    const line = `${this.#what} ${this.#bar()}${grouped(this.#done)}`
    this.#terminal.write(`\r\u001b[K${line.slice(0, Math.max(0, (this.#terminal.columns || 80) - 1))}`)
  }

  #bar(): string {
    if (this.#total === undefined || this.#total === 0) return ''
    const share = Math.min(1, this.#done / this.#total)
    const full = Math.round(share * BAR)
    return `${'━'.repeat(full)}${'╌'.repeat(BAR - full)} ${String(Math.floor(share * 100)).padStart(3)} %  `
  }
}
