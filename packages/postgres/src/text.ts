/**
 * Text of PostgreSQL holds no NUL, and no lone surrogate. Both are escaped with U+007F, as is U+007F itself; what
 * applications store has none of them and reads as it is.
 */
const MARK = '\u007f'
/** Begins bytes where text is expected: no encoded text begins so. */
export const BYTES = `${MARK}b`

const MARKED = /\u007f(?:([01])|u([0-9a-f]{4}))/g

export function encodeText(text: string): string {
  const formed = text.isWellFormed()
  if (formed && !text.includes(MARK) && !text.includes('\0')) return text
  const encoded = text.replaceAll(MARK, `${MARK}1`).replaceAll('\0', `${MARK}0`)
  return formed ? encoded : encoded.replace(/\p{Surrogate}/gu, (unit) => `${MARK}u${unit.charCodeAt(0).toString(16)}`)
}

export function decodeText(text: string): string {
  if (!text.includes(MARK)) return text
  return text.replace(MARKED, (_, unit: string | undefined, code: string) => {
    if (unit !== undefined) return unit === '0' ? '\0' : MARK
    return String.fromCharCode(Number.parseInt(code, 16))
  })
}

/** A `text[]` in the form of the server. */
export function textArray(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join()}}`
}

/** An array of numbers or booleans in the form of the server. */
export function plainArray(items: readonly (number | boolean | undefined)[]): string {
  return `{${items.map((item) => item ?? 'NULL').join()}}`
}
