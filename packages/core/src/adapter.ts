/** For those who write an adapter: the contract, and the rules of expiry to run or to agree with. */
export type {
  Awaitable,
  Backend,
  Capabilities,
  Classified,
  Condition,
  Due,
  DuePage,
  DueRequest,
  Expired,
  Found,
  FoundGroup,
  NamespaceTally,
  Page,
  Payload,
  Reading,
  ReadOptions,
  Reclaimable,
  Space,
  SweepRequest,
  Swept,
  SweptNames,
  Tally,
  Write,
  WriteOutcome,
} from './backend.ts'
export { type Clock, readClock, systemClock } from './clock.ts'
export { describe } from './errors.ts'
export {
  type CrontabOptions,
  type DeletedRow,
  describeTable,
  dueRow,
  ExpiringTable,
  type ExpiringTableOptions,
  type LiveOptions,
  type OwnSql,
  type TableDescription,
  type TableSubject,
  tellDeleted,
} from './expiring-table.ts'
export { checkOptions } from './options.ts'
export { samePayload, satisfies } from './payload.ts'
export { MAX_INSTANT_MS } from './timeline.ts'
export {
  accessed,
  begin,
  type Exact,
  type Expiry,
  isLive,
  limited,
  type Placement,
  type Planned,
  place,
  type RestartOn,
  replaced,
  restart,
  type Span,
  type Timing,
  touched,
} from './timing.ts'
export { Upkeep } from './upkeep.ts'
