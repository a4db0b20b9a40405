import { memory } from '@ttl/core/memory'
import { describe, it } from 'vitest'
import type { Harness } from '../src/harness.ts'
import { factsOf, inapplicable } from '../src/law.ts'
import { LAWS } from '../src/laws/index.ts'
import { Scene } from '../src/scene.ts'
import { Stage } from '../src/stage.ts'
import { LooseTime, random } from './loose-time.ts'

const harness: Harness = { name: 'memory', create: ({ clock }) => ({ open: () => memory({ clock }) }) }
const facts = { ...factsOf(memory().capabilities), clock: 'host' } as const

// A law that goes too close to a boundary would fail once in a while on a busy server. Here it fails always.
describe('a law that also runs in real time holds whatever is late within its window', () => {
  for (const law of LAWS.filter(
    (candidate) => inapplicable(candidate, facts) === undefined && candidate.requires?.clock === undefined,
  )) {
    it(law.id, async () => {
      for (let seed = 0; seed < 12; seed++) {
        const time = new LooseTime(random(seed))
        const stage = await Stage.create(harness, time.clock)
        await law.run(new Scene(time, await stage.open(), stage, ''))
        await stage.close()
      }
    })
  }
})
