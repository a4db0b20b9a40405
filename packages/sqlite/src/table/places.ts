/** What SQLite gives for a value, integers read whole. */
type Stored = bigint | number | string | Uint8Array | null

/** Values as text, to be had again exactly. */
export function placeText(values: readonly unknown[]): string {
  return JSON.stringify((values as readonly Stored[]).map(encode))
}

export function placeFrom(text: string): unknown[] {
  return (JSON.parse(text) as readonly (string | null)[]).map(decode)
}

function encode(value: Stored): string | null {
  if (value === null) return null
  if (typeof value === 'bigint') return `i${value}`
  if (typeof value === 'number') return `r${value}`
  return typeof value === 'string' ? `t${value}` : `b${Buffer.from(value).toString('hex')}`
}

function decode(text: string | null): Stored {
  const rest = text?.slice(1) ?? ''
  switch (text?.[0]) {
    case 'i':
      return BigInt(rest)
    case 'r':
      return Number(rest)
    case 't':
      return rest
    case 'b':
      return Buffer.from(rest, 'hex')
    default:
      return null
  }
}
