// Removes from ./dist what no longer has a source in ./src. Building in place, instead of deleting first,
// keeps dist usable for whoever runs tests of a dependent package at the same moment.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const OUTPUT = /\.(?:d\.ts|js)(?:\.map)?$/

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const file = join(entry.parentPath, entry.name)
  const source = join('src', file.slice('dist/'.length).replace(OUTPUT, '.ts'))
  if (!OUTPUT.test(file) || !existsSync(source)) rmSync(file)
}
