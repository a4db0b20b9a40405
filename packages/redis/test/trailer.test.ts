import { createStore } from '@ttl/core'
import { expect, test } from 'vitest'
import { redis } from '../src/index.ts'
import { client, freshPrefix } from './support/index.ts'

const setup = async (stored: string | Buffer) => {
  const connection = client()
  const prefix = freshPrefix()
  await connection.set(`${prefix}n:k`, stored)
  return createStore({ backend: redis(connection, { prefix }) }).namespace('n')
}

test.each([
  ['1 w', 1],
  ['12 c34', 12],
  ['"a w5" w6', 'a w5'],
  ['"é" w7', 'é'],
  ['1 w8/0.5', 1],
  ['1 w9^1767225600000@-5', 1],
  [' W10', new Uint8Array()],
  ['1 2 W', new Uint8Array(Buffer.from('1 2'))],
])('what is stored as %j is read', async (stored, value) => {
  expect(await (await setup(stored)).get('k')).toEqual(value)
})

test.each(['', ' ', '1', '12345', ' 12', 'w5', 'W5', '1 5', '1 x5', '1 w5 ', '1 w5x', '1 w/', '1w5', '1 ww5'])(
  'what others stored as %j is an error',
  async (stored) => {
    await expect((await setup(stored)).get('k')).rejects.toMatchObject({ code: 'TTL_CODEC' })
  },
)
