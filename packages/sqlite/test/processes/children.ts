import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { finallyDo } from '../support.ts'

/** A process of its own that does a job of a script: says 'ready', waits for 'go', works, reports. Gone when the test ends. */
export class Child {
  readonly messages: unknown[] = []
  readonly exited: Promise<unknown>
  readonly #process: ChildProcess
  #wake = () => {}

  constructor(script: string, args: readonly string[]) {
    this.#process = fork(script, args, { execArgv: ['--experimental-strip-types', '--no-warnings'] })
    this.exited = once(this.#process, 'exit')
    this.#process.on('message', (message) => {
      this.messages.push(message)
      this.#wake()
    })
    this.#process.on('exit', () => this.#wake())
    finallyDo(async () => {
      this.kill()
      await this.exited
    })
  }

  tell(message: string): void {
    this.#process.send(message)
  }

  kill(): void {
    if (!this.hasEnded) this.#process.kill('SIGKILL')
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  async hears(wanted: (message: unknown) => boolean): Promise<unknown> {
    for (;;) {
      const found = this.messages.find(wanted)
      if (found !== undefined) return found
      if (this.hasEnded) throw new Error('the child left without a word of it')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** What the job returned. */
  async result<T>(): Promise<T> {
    const report = (await this.hears((message) => typeof message === 'object')) as { result?: T; error?: string }
    assert.equal(report.error, undefined)
    return report.result as T
  }
}

/** Starts processes and, once all are ready, lets them go. */
export async function start(script: string, jobs: readonly (readonly string[])[]): Promise<Child[]> {
  const children = jobs.map((args) => new Child(script, args))
  await Promise.all(children.map((child) => child.hears((message) => message === 'ready')))
  for (const child of children) child.tell('go')
  return children
}
