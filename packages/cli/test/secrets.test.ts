import { describe, expect, it } from 'vitest'
import { readPlace } from '../src/place.ts'
import { Secrets } from '../src/secrets.ts'
import { run } from './support/run.ts'

// Nothing listens on port 1.
const NOWHERE = '127.0.0.1:1'

describe('a password', () => {
  for (const [password, forms] of [
    ['s3cret', ['s3cret']],
    ['s3%40cr%2Fet%20x', ['s3%40cr%2Fet%20x', 's3@cr/et x', 's3@cr/et%20x']],
    ['s3@cr@et', ['s3@cr', 'cr@et']],
  ] as const) {
    for (const args of [
      ['stats', `postgres://user:${password}@${NOWHERE}/db`],
      ['preview', `redis://:${password}@${NOWHERE}`, '--index'],
      [`postgres://user:${password}@${NOWHERE}/db`, 'stats'],
      ['stats', `postgres://user:${password}@not a host/db`],
      ['stats', `postgres:user:${password}@${NOWHERE}`],
      ['stats', `postgres://${NOWHERE}/db:${password}@x`],
      ['stats', `mysql://user:${password}@${NOWHERE}/db`],
      ['stats', `postgres://${NOWHERE}/db?password=${password}`],
      ['stats', 'sqlite:app.db', `postgres://user:${password}@${NOWHERE}/db`],
      ['stats', 'sqlite:app.db', `--table=redis://:${password}@${NOWHERE}`],
    ]) {
      it(`${password} is not in what ${args.join(' ')} prints`, async () => {
        const { code, stdout, stderr } = await run(args)
        expect(code).toBeGreaterThan(0)
        expect(stderr).not.toBe('')
        for (const form of forms) expect(stdout + stderr).not.toContain(form)
      })
    }
  }

  it('from a variable is not either', async () => {
    const env = { TTL_TEST_URL: `postgres://user:s3cret@${NOWHERE}/db` }
    const { stderr } = await run(['stats', 'env:TTL_TEST_URL'], { env })
    expect(stderr).toContain(`ttl: postgres://${NOWHERE}/db: `)
    expect(stderr).not.toContain('s3cret')
  })
})

describe('Secrets', () => {
  it('are not in the label of a place, wherever they stand', () => {
    expect(readPlace('postgres://h/db:hunter2@x', () => undefined).label).toBe('postgres://***@x')
    expect(() => readPlace('postgres:u:hunter2@h/db', () => undefined)).toThrow(/^after postgres: comes \/\//)
  })

  it('takes a known password out of the words of others, however it is written there', () => {
    const secrets = new Secrets()
    secrets.learn('postgres://ada:p%40ss%20word@host/db?sslpassword=key%2F1')
    for (const text of ['p@ss word', 'p%40ss%20word', 'p@ss%20word', 'key/1', 'key%2F1'])
      expect(secrets.hideAll(`failed with ${text}.`)).toBe('failed with ***.')
    expect(secrets.hideAll('host/db refused it')).toBe('host/db refused it')
  })

  it('leaves what says only where a password would be', () => {
    const text = 'postgres://USER@HOST/DATABASE or redis://:PASSWORD@HOST:PORT'
    expect(new Secrets().hide(text)).toBe(text)
    expect(new Secrets().hide('mail to ada@example.org: no store')).toBe('mail to ada@example.org: no store')
    expect(new Secrets().hide('https://a:b@c/d?x=1&token=t')).toBe('https://***@c/d?x=1&token=***')
  })
})
