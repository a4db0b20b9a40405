/** Operations whose outcome nobody has to wonder about when the reply is lost. */
const READS = [
  ...(['get', 'getEntry', 'getMany', 'has', 'expiry', 'keys', 'entries', 'count', 'groups', 'explain'] as const),
  ...(['group.get', 'group.getMany', 'group.expiry'] as const),
  ...(['stats', 'preview', 'forecast', 'sweeperStatus', 'check', 'on'] as const),
] as const

const WRITES = [
  ...(['set', 'setMany', 'getOrSet', 'take', 'delete', 'deleteMany', 'touch', 'expire', 'persist', 'clear'] as const),
  ...(['group.set', 'group.setMany', 'group.delete', 'group.touch', 'group.expire', 'group.persist'] as const),
  ...(['sweep', 'sweeper', 'transfer'] as const),
] as const

/** What a store does, by the name that errors, metrics and tracing channels give it. `sweeper` is one turn of the background sweeper. */
export const OPERATIONS = [...READS, ...WRITES] as const

export type Operation = (typeof OPERATIONS)[number]

const READING: ReadonlySet<string> = new Set(READS)

export function isRead(operation: string): boolean {
  return READING.has(operation)
}
