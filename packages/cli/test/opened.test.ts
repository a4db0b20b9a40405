import { memory } from '@ttl/core/memory'
import { expect, it } from 'vitest'
import { opened } from '../src/open/opened.ts'

it('what a store was opened on is released even when closing the store fails', async () => {
  const backend = memory()
  backend.close = async () => {
    throw new Error('broken')
  }
  let released = false
  const store = opened(backend, () => {
    released = true
  })
  await expect(store.close()).rejects.toThrow()
  expect(released).toBe(true)
})
