import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type Expiration } from '@ttl/core'
import { memory } from '@ttl/core/memory'
import { manualClock } from '@ttl/core/testing'
import { sqlite } from '@ttl/sqlite'
import { household, moveIn } from './household.ts'

const clock = manualClock('2100-01-01T09:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'ttl-moving-'))

const until = (expiry: Expiration | undefined): string => {
  if (expiry === undefined || expiry.state === 'absent') return 'gone'
  return expiry.state === 'never' ? 'for ever' : `until ${String(expiry.expiresAt).slice(0, 19)}Z`
}

try {
  await using old = createStore({ backend: memory({ clock }) })
  await using next = createStore({ backend: sqlite(join(folder, 'next.db'), { clock }) })

  console.log('09:00  a household in memory')
  await moveIn(old)
  const before = await household(old)

  clock.advance('10m')
  console.log('09:10  it moves to a SQLite file')
  const { copied } = await old.transfer(next)
  console.log(`       ${copied.entries} entries and ${copied.groups} group copied\n`)

  const after = await household(next)
  for (const [name, expiry] of before) {
    const same = until(expiry) === until(after.get(name))
    console.log(`  ${same ? '=' : '!'} ${name.padEnd(20)} ${until(after.get(name))}`)
  }

  await next.namespace('session').get('ada')
  clock.advance('20m')
  const later = await household(next)
  console.log('\n09:30  ada came by at 09:10, bob did not: moving in was not a visit')
  for (const name of ['session ada', 'session bob', 'session kiosk', 'token reset-ada']) {
    console.log(`    ${name.padEnd(20)} ${until(later.get(name))}`)
  }

  const again = await old.transfer(next)
  console.log(
    `\n       moved once more, by mistake: ${again.copied.entries} copied, ${again.skipped.entries} left as they are`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
