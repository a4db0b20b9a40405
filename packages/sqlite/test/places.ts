import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HarnessContext, Place } from '@ttl/conformance'

/** A directory of its own for each place. */
export function onDisk(place: (file: string, context: HarnessContext) => Place) {
  return (context: HarnessContext): Place => {
    const directory = mkdtempSync(join(tmpdir(), 'ttl-sqlite-'))
    const { open, destroy } = place(join(directory, 'ttl.db'), context)
    return {
      open,
      destroy: async () => {
        await destroy?.()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  }
}
