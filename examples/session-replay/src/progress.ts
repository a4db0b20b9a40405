import { setImmediate } from 'node:timers/promises'

/** Lines between two looks at the clock. */
const STRIDE = 500
const REDRAW_MS = 80
const BAR = 30

/** How far a run is, on one line of the terminal that is drawn again and again. */
export class Progress {
  readonly #terminal: NodeJS.WriteStream
  readonly #share: () => number | undefined
  #drawnAt = 0
  #drawn = false

  /** @param share how much is done, 0 … 1; `undefined` when nobody knows */
  constructor(terminal: NodeJS.WriteStream, share: () => number | undefined) {
    this.#terminal = terminal
    this.#share = share
  }

  /** Passes lines on and reports. Gives way now and then, so that Ctrl-C is heard. */
  async *watch(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
    let count = 0
    for await (const line of lines) {
      yield line
      if (++count % STRIDE !== 0) continue
      this.#draw(count)
      await setImmediate()
    }
  }

  clear(): void {
    if (this.#drawn) this.#terminal.write('\r\u001b[K')
    this.#drawn = false
  }

  #draw(count: number): void {
    const now = performance.now()
    if (!this.#terminal.isTTY || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#drawn = true
    const share = this.#share()
    const lines = `${count.toLocaleString('en')} lines`
    const full = Math.round(Math.min(share ?? 0, 1) * BAR)
    const bar =
      share === undefined
        ? ''
        : `${'━'.repeat(full)}${'╌'.repeat(BAR - full)} ${String(Math.floor(share * 100)).padStart(3)} %  `
    this.#terminal.write(`\r\u001b[K  Replaying ${bar}${lines}`.slice(0, this.#terminal.columns + 4))
  }
}
