// Writes for ever, and says what is written only once it is. `durability.test.ts` kills it.
import { createStore } from '@ttl/core'
import { nodeSqlite } from '../dist/node-sqlite.js'

const [path, who] = process.argv.slice(2)
const notes = createStore({ backend: nodeSqlite(path) }).namespace('note')
for (let i = 1; ; i++) {
  await notes.set(`${who}-${i}`, i)
  await notes.group(who).setMany({ left: i, right: i })
  console.log(i)
}
