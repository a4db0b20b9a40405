import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { finallyDo } from './index.ts'

/** What clients send to a server, in order; what scripts do is left out. */
export class Monitor {
  readonly #seen: string[][] = []
  readonly #mark: Socket

  private constructor(port: number) {
    this.#mark = connect(port, '127.0.0.1')
    this.#mark.resume()
    const socket = connect(port, '127.0.0.1')
    let rest = ''
    socket.on('data', (data) => {
      const lines = (rest + data.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#line(line)
    })
    socket.write('MONITOR\r\n')
    finallyDo(() => {
      for (const each of [this.#mark, socket]) each.destroy()
    })
  }

  static async on(port: number): Promise<Monitor> {
    const monitor = new Monitor(port)
    while (monitor.#seen.length === 0) await sleep(1)
    return monitor
  }

  /** What was sent while this ran. Names are in lower case. */
  async during(work: () => unknown): Promise<string[][]> {
    await this.#until('begin')
    this.#seen.length = 0
    await work()
    await this.#until('end')
    return this.#seen.slice(0, -1).map(([name = '', ...args]) => [name.toLowerCase(), ...args])
  }

  async #until(word: string): Promise<void> {
    const token = `${word}${Math.random()}`
    this.#mark.write(`ECHO ${token}\r\n`)
    while (this.#seen.at(-1)?.[1] !== token) await sleep(1)
  }

  /** `+1795238898.625179 [0 127.0.0.1:32782] "set" "key"` */
  #line(line: string): void {
    if (/^\+[\d.]+ \[\d+ lua\]/.test(line)) return
    const texts = line.match(/"(?:[^"\\]|\\.)*"/g) ?? []
    this.#seen.push(texts.map((text) => JSON.parse(text.replace(/\\x/g, '\\u00').replace(/\\a/g, '\\u0007'))))
  }
}
