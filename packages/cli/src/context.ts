import { styleText } from 'node:util'
import { EXIT } from './exit.ts'
import type { Secrets } from './secrets.ts'

type Style = Parameters<typeof styleText>[0]

/** What commands know of the process that they run in. */
export class Context {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly secrets: Secrets
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  exitCode: number = EXIT.done
  #abort: ((reason: Error) => void) | undefined

  constructor(process: NodeJS.Process, secrets: Secrets) {
    this.env = process.env
    this.secrets = secrets
    this.stdout = process.stdout
    this.stderr = process.stderr
  }

  /** Columns that are there to be filled. */
  get width(): number {
    return this.stdout.columns || 80
  }

  /** Lines of the answer. */
  print(lines: readonly string[]): void {
    if (lines.length > 0) this.stdout.write(`${lines.join('\n')}\n`)
  }

  /** The answer for programs: one line. */
  printJson(answer: unknown): void {
    this.print([JSON.stringify(answer)])
  }

  /** Something besides the answer. */
  note(line: string): void {
    this.stderr.write(`${line}\n`)
  }

  /** Styled where the terminal can, and the user did not say NO_COLOR. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.stdout })
  }

  /** Runs work that can be stopped in between: then its promise is rejected with what {@link interrupt} was told. */
  async stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    this.#abort = (reason) => controller.abort(reason)
    try {
      return await work(controller.signal)
    } finally {
      this.#abort = undefined
    }
  }

  /** @returns whether something runs that stops by itself now */
  interrupt(reason: Error): boolean {
    const abort = this.#abort
    this.#abort = undefined
    abort?.(reason)
    return abort !== undefined
  }
}
