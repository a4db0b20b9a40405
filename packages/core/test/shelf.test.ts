import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Shelf } from '../src/shelf.ts'
import type { Timing } from '../src/timing.ts'

const timing = (expiresAt: number | undefined): Timing => ({
  expiresAt,
  bornAt: undefined,
  ttlMs: undefined,
  capAt: undefined,
  restartOn: 'write',
  refreshAfter: 0,
})

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const deadline = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined })
const change = fc.oneof(
  fc.record({ does: fc.constant('put' as const), name, deadline }),
  fc.record({ does: fc.constant('remove' as const), name }),
  fc.record({
    does: fc.constant('sweep' as const),
    cutoff: fc.integer({ min: 0, max: 20 }),
    limit: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ does: fc.constant('look' as const), cutoff: fc.integer({ min: 0, max: 20 }) }),
)

it('finds by deadline what a search through everything finds, whatever happened before', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const shelf = new Shelf()
      const model = new Map<string, number | undefined>()
      const due = (cutoff: number) =>
        [...model]
          .filter(([, at]) => at !== undefined && at <= cutoff)
          .sort(([, a], [, b]) => (a as number) - (b as number))
      for (const step of changes) {
        const item = 'name' in step ? shelf.find('entry', 'n', step.name) : undefined
        if (step.does === 'put') {
          if (item === undefined) shelf.add('entry', 'n', step.name, timing(step.deadline), '')
          else shelf.retime(item, timing(step.deadline))
          model.set(step.name, step.deadline)
        } else if (step.does === 'remove') {
          if (item !== undefined) shelf.remove(item)
          model.delete(step.name)
        } else {
          const wanted = due(step.cutoff)
          const found: [string, number | undefined][] = []
          for (const next of shelf.byDeadline((at) => at <= step.cutoff)) {
            if (step.does === 'sweep' && found.length === step.limit) break
            found.push([next.name, next.expiresAt])
            if (step.does === 'sweep') shelf.remove(next)
          }
          const expected = step.does === 'sweep' ? wanted.slice(0, step.limit) : wanted
          expect(found.map(([, at]) => at)).toEqual(expected.map(([, at]) => at))
          if (step.does === 'sweep') for (const [gone] of found) model.delete(gone)
        }
        expect(shelf.size).toBe(model.size)
      }
    }),
    { numRuns: 500 },
  )
})
