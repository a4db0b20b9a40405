import type { Law } from '../law.ts'
import { batchLaws } from './batches.ts'
import { birthLaws } from './birth.ts'
import { boundaryLaws } from './boundary.ts'
import { capabilityLaws } from './capabilities.ts'
import { conditionLaws } from './conditions.ts'
import { contractLaws } from './contract.ts'
import { contractListLaws } from './contract-lists.ts'
import { deleteLaws } from './delete.ts'
import { eventLaws } from './events.ts'
import { sweepEventLaws } from './events-sweep.ts'
import { expireLaws } from './expire.ts'
import { expiryLaws } from './expiry.ts'
import { getEntryLaws } from './get-entry.ts'
import { getOrSetLaws } from './get-or-set.ts'
import { groupExpiryLaws } from './group-expiry.ts'
import { groupMemberLaws } from './group-members.ts'
import { jitterLaws } from './jitter.ts'
import { keepLaws } from './keep.ts'
import { layerLaws } from './layers.ts'
import { lifecycleLaws } from './lifecycle.ts'
import { limitLaws } from './limits.ts'
import { listLaws } from './lists.ts'
import { moveLaws } from './move.ts'
import { nameLaws } from './names.ts'
import { policyLaws } from './policies.ts'
import { previewLaws } from './preview.ts'
import { raceLaws } from './races.ts'
import { refreshRaceLaws } from './races-refresh.ts'
import { refreshAfterLaws } from './refresh-after.ts'
import { refusalLaws } from './refusals.ts'
import { setLaws } from './set.ts'
import { slidingLaws } from './sliding.ts'
import { statsLaws } from './stats.ts'
import { sweepLaws } from './sweep.ts'
import { sweeperLaws } from './sweeper.ts'
import { takeLaws } from './take.ts'
import { touchLaws } from './touch.ts'
import { transferLaws } from './transfer.ts'
import { valueLaws } from './values.ts'

/** Every law, verb by verb. */
export const LAWS: readonly Law[] = [
  ...setLaws,
  ...keepLaws,
  ...conditionLaws,
  ...boundaryLaws,
  ...policyLaws,
  ...slidingLaws,
  ...refreshAfterLaws,
  ...getEntryLaws,
  ...batchLaws,
  ...getOrSetLaws,
  ...takeLaws,
  ...deleteLaws,
  ...touchLaws,
  ...expireLaws,
  ...expiryLaws,
  ...birthLaws,
  ...limitLaws,
  ...layerLaws,
  ...jitterLaws,
  ...listLaws,
  ...groupMemberLaws,
  ...groupExpiryLaws,
  ...statsLaws,
  ...sweepLaws,
  ...previewLaws,
  ...sweeperLaws,
  ...eventLaws,
  ...sweepEventLaws,
  ...nameLaws,
  ...valueLaws,
  ...refusalLaws,
  ...transferLaws,
  ...moveLaws,
  ...lifecycleLaws,
  ...refreshRaceLaws,
  ...raceLaws,
  ...contractLaws,
  ...contractListLaws,
  ...capabilityLaws,
]
