import { createHash } from 'node:crypto'
import type { Arg, RedisClient } from './client.ts'
import { translated } from './errors.ts'
import { type ScriptName, sourceOf } from './scripts/index.ts'

interface Script {
  readonly source: string
  readonly sha: string
}

/** What every client has, though the types of ioredis do not say so. */
interface Scripting {
  evalshaBuffer(sha: string, keyCount: number, ...args: Arg[]): Promise<unknown>
  evalBuffer(script: string, keyCount: number, ...args: Arg[]): Promise<unknown>
}

/** Runs the scripts by their hash, and with their text where the server does not know them: then nothing has been run yet. */
export class ScriptRunner {
  readonly #client: Scripting
  readonly #index: boolean
  readonly #scripts = new Map<string, Script>()

  constructor(client: RedisClient, index: boolean) {
    this.#client = client as unknown as Scripting
    this.#index = index
  }

  run(name: ScriptName, space: 'entry' | 'group', keys: readonly string[], args: readonly Arg[]): Promise<unknown> {
    const { source, sha } = this.#script(name, space)
    return this.#client.evalshaBuffer(sha, keys.length, ...keys, ...args).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw translated(error)
      return this.#client.evalBuffer(source, keys.length, ...keys, ...args).catch(rethrow)
    })
  }

  #script(name: ScriptName, space: 'entry' | 'group'): Script {
    const id = space + name
    let script = this.#scripts.get(id)
    if (script === undefined) {
      const source = sourceOf(name, { group: space === 'group', index: this.#index })
      script = { source, sha: createHash('sha1').update(source).digest('hex') }
      this.#scripts.set(id, script)
    }
    return script
  }
}

function rethrow(error: unknown): never {
  throw translated(error)
}
