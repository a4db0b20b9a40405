import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeadlineHeap, type Due } from '../src/deadline-heap.ts'

interface Named extends Due {
  readonly name: number
}

const item = (name: number): Named => ({ name, slot: -1 })

describe('DeadlineHeap', () => {
  test('is empty at first', () => {
    expect(new DeadlineHeap().peek()).toBeUndefined()
    expect(new DeadlineHeap().first).toBeUndefined()
  })

  test('gives the items in the order of their deadlines', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 100 }), (deadlines) => {
        const heap = new DeadlineHeap<Named>()
        for (const [name, deadline] of deadlines.entries()) heap.file(item(name), deadline)
        const order: number[] = []
        for (let next = heap.peek(); next !== undefined; next = heap.peek()) {
          order.push(heap.first as number)
          heap.remove(next)
          expect(next.slot).toBe(-1)
        }
        expect(order).toEqual([...deadlines].sort((a, b) => a - b))
      }),
    )
  })

  test('agrees with a sorted list under any operations', () => {
    const operation = fc.record({
      verb: fc.constantFrom('file', 'file', 'postpone', 'remove', 'pop'),
      name: fc.nat(24),
      deadline: fc.nat(60),
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), (operations) => {
        const heap = new DeadlineHeap<Named>()
        const items = Array.from({ length: 25 }, (_, name) => item(name))
        const model = new Map<Named, number>()
        for (const { verb, name, deadline } of operations) {
          const chosen = items[name] as Named
          const filed = model.get(chosen)
          if (verb === 'file') {
            heap.file(chosen, deadline)
            model.set(chosen, filed === undefined ? deadline : Math.min(filed, deadline))
          } else if (verb === 'postpone' && filed !== undefined) {
            heap.postpone(chosen, filed + deadline)
            model.set(chosen, filed + deadline)
          } else if (verb === 'remove') {
            heap.remove(chosen)
            model.delete(chosen)
          } else if (verb === 'pop') {
            const first = heap.peek()
            if (first === undefined) continue
            heap.remove(first)
            model.delete(first)
          }
          const sorted = [...model].sort(([, a], [, b]) => a - b)
          const first = heap.peek()
          expect(heap.first).toBe(sorted[0]?.[1])
          expect(first && model.get(first)).toBe(sorted[0]?.[1])
          const slots = sorted.map(([of]) => of.slot).sort((a, b) => a - b)
          expect(slots).toEqual(slots.map((_, index) => index))
          for (const of of items) if (!model.has(of)) expect(of.slot).toBe(-1)
        }
        const drained: number[] = []
        for (let next = heap.peek(); next !== undefined; next = heap.peek()) {
          expect(model.get(next)).toBe(heap.first)
          drained.push(heap.first as number)
          heap.remove(next)
        }
        expect(drained).toEqual([...model.values()].sort((a, b) => a - b))
      }),
      { numRuns: 300 },
    )
  })

  test('a later deadline does not move what is filed, an earlier one does', () => {
    const heap = new DeadlineHeap<Named>()
    const [a, b] = [item(1), item(2)]
    heap.file(a, 10)
    heap.file(b, 20)
    heap.file(a, 30)
    expect([heap.peek(), heap.first]).toEqual([a, 10])
    heap.file(b, 5)
    expect([heap.peek(), heap.first]).toEqual([b, 5])
  })

  test('removing what is not in it changes nothing', () => {
    const heap = new DeadlineHeap<Named>()
    const inside = item(1)
    heap.file(inside, 10)
    heap.remove(item(2))
    expect(heap.peek()).toBe(inside)
  })
})
