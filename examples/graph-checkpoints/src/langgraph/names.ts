/** What things are called: a thread is a group, and all that belongs to it is a member of that group. */
import { createHash } from 'node:crypto'
import { MAX_NAME_BYTES } from '@ttl/core'

const HASHED = 'sha256:'

/** The group of a thread. Its id as it is, where a store can hold that; any other text is hashed. */
export function groupIdOf(threadId: string): string {
  return fits(threadId) && !threadId.startsWith(HASHED) ? threadId : HASHED + digest(threadId)
}

/** The checkpoint with the greatest id of a checkpoint namespace. */
export const latestName = (ns: string): string => member('latest', ns)

/** A checkpoint, without the values of its channels. */
export const checkpointName = (ns: string, id: string): string => member('checkpoint', ns, id)

/** The value that a channel got with a checkpoint. Later checkpoints that carry it over refer to it. */
export const valueName = (ns: string, id: string, channel: string): string => member('value', ns, id, channel)

/** A part of the pending writes of a checkpoint. */
export const writesName = (ns: string, id: string, shelf: number): string => member('writes', ns, id, shelf)

/** Something of the application's that lives as long as the thread. */
export const attachmentName = (name: string): string => member('attachment', name)

export const isCheckpointName = (name: string): boolean => /^checkpoint[[#]/.test(name)

/** As JSON, whatever the parts hold: readable in a database tool, and no two are the same. */
function member(kind: string, ...parts: readonly (string | number)[]): string {
  const name = kind + JSON.stringify(parts)
  return fits(name) ? name : `${kind}#${digest(name)}`
}

function fits(name: string): boolean {
  return name.isWellFormed() && Buffer.byteLength(name) <= MAX_NAME_BYTES
}

/** Of its code units: text that is not well-formed has no UTF-8. */
function digest(text: string): string {
  return createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex')
}
