import { describe, it } from 'vitest'
import { playModel } from '../src/model/exact.ts'
import { note } from './note.ts'
import { plain } from './plain.ts'

const operations = Number(process.env.TTL_MODEL_OPS ?? 30_000)

// The memory backend is what all others are compared with; here it is compared itself.
describe('the memory backend', () => {
  it('answers every random trace as the plainest backend does', { timeout: 60_000 + operations }, async () => {
    const harness = { name: 'plain', create: ({ clock = { now: () => 0 } }) => ({ open: () => plain({ clock }) }) }
    const played = await playModel(harness, operations, Number(process.env.TTL_MODEL_SEED ?? 42))
    note('conformance-model.txt', [
      `conformance: memory and a second, plain implementation: ${played.operations} random operations in ${played.traces} traces, no divergence (seed ${played.seed})`,
    ])
  })
})
