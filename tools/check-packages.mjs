// Packs each public package as it would be published, and has publint and are-the-types-wrong judge the tarball.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const temporary = mkdtempSync(join(tmpdir(), 'ttl-pack-'))
const names = []
let failed = 0

function check(name, program, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status === 0) return true
  failed++
  console.log(`${name}: ${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`)
  return false
}

try {
  for (const folder of readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))) {
    if (!existsSync(join(folder, 'package.json'))) continue
    const { name, private: hidden } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (hidden) continue
    const tarball = join(temporary, `${name.replace('@', '').replace('/', '-')}.tgz`)
    names.push(name)
    if (!check(name, 'pnpm', ['pack', '--out', tarball], folder)) continue
    check(name, 'publint', [tarball, '--strict'])
    check(name, 'attw', [tarball, '--profile', 'esm-only', '--no-emoji'])
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
console.log(`summary: publint and attw on ${names.length} tarballs`)
process.exitCode = failed === 0 && names.length > 0 ? 0 : 1
