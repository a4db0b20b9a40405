import { describe, expect, test } from 'vitest'
import { kernel, laws } from './laws/index.ts'

describe('laws of the kernel', () => {
  test('ids are unique', () => {
    expect(new Set(laws.map((law) => law.id)).size).toBe(laws.length)
  })

  test.each(laws.map((law) => [law.id, law] as const))('%s', (_, law) => {
    law.holds(kernel)
  })
})
