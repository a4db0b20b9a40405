import { describe, TtlTypeError } from './errors.ts'

/** Refuses what is not an options object, and names that it does not have: a typo must not be ignored. */
export function checkOptions(options: unknown, names: readonly string[], where: string): void {
  if (options === undefined) return
  if (Object.prototype.toString.call(options) !== '[object Object]') {
    throw new TtlTypeError('TTL_INVALID', `${where} takes an options object, got ${describe(options)}`)
  }
  for (const name of Object.keys(options as object)) {
    if (!names.includes(name)) {
      throw new TtlTypeError('TTL_INVALID', `${where} has no option ${describe(name)}; it has ${names.join(', ')}`)
    }
  }
}

/** Options of a read. */
export interface GetOptions {
  /** `false` reads without restarting anything. Default `true`: an entry written under 'access' restarts. */
  readonly touch?: boolean | undefined
}

export function readTouch(options: GetOptions | undefined, where: string): boolean {
  if (options === undefined) return true
  checkOptions(options, ['touch'], where)
  return checkTouch(options.touch, where)
}

export function checkTouch(touch: unknown, where: string): boolean {
  if (touch === undefined) return true
  if (typeof touch !== 'boolean')
    throw new TtlTypeError('TTL_INVALID', `touch of ${where} must be true or false, got ${describe(touch)}`)
  return touch
}
