/** How members are stored: a line of JSON that says what follows, then what LangGraph's serializer made, as it is. */
import type { Codec } from '@ttl/core'

/** A serialized value and its type, as `dumpsTyped` gives and `loadsTyped` takes them. */
export type Typed = readonly [type: string, data: Uint8Array | string]

export interface Frame<Head = unknown> {
  readonly head: Head
  readonly parts: readonly Typed[]
}

type Described = readonly [type: string, length: number]

interface Line {
  readonly head: unknown
  readonly parts: readonly Described[]
}

/** Text where all parts are JSON, so that it reads in a database tool; bytes otherwise. */
export const frames: Codec = {
  encode(value) {
    const { head, parts } = value as Frame
    const texts = parts.map(textOf)
    if (texts.every((text) => text !== undefined)) return line(head, parts, texts) + texts.join('')
    const bytes = parts.map(([, data]) => (typeof data === 'string' ? Buffer.from(data) : data))
    return new Uint8Array(Buffer.concat([Buffer.from(line(head, parts, bytes)), ...bytes]))
  },

  decode(payload): Frame {
    const newline = typeof payload === 'string' ? payload.indexOf('\n') : payload.indexOf(0x0a)
    const first = typeof payload === 'string' ? payload.slice(0, newline) : decoder.decode(payload.slice(0, newline))
    const { head, parts } = JSON.parse(first) as Line
    let at = newline + 1
    const taken = parts.map(([type, length]): Typed => {
      const part: Typed = [type, payload.slice(at, at + length)]
      at += length
      return part
    })
    return { head, parts: taken }
  },
}

function line(head: unknown, parts: readonly Typed[], datas: readonly { readonly length: number }[]): string {
  const described = parts.map(([type], index): Described => [type, datas[index]?.length ?? 0])
  return `${JSON.stringify({ head, parts: described } satisfies Line)}\n`
}

/** Keeps a byte order mark: what is stored comes back as it was. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a part that is JSON. Another serializer may call by that name what is no text. */
function textOf([type, data]: Typed): string | undefined {
  if (typeof data === 'string') return data
  if (type !== 'json') return undefined
  try {
    return decoder.decode(data)
  } catch {
    return undefined
  }
}
