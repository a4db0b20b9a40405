// Runs one throwaway PostgreSQL for the process that started this one, and removes it when that process is gone,
// however it went: its end of stdin then closes. Commands come on stdin, a line each; each is answered with a line.
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const { bin, owner, settings } = JSON.parse(process.argv[2])
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const as = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }
const directory = mkdtempSync(join(tmpdir(), 'ttl-postgres-'))
if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
const data = join(directory, 'data')
const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', HOME: directory }

let server
let port
let log = ''

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address()
      probe.close(() => resolve(free))
    })
  })
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

let ending = false

/** The server first: while it runs, it makes files in what is being removed. */
async function end() {
  if (ending) return
  ending = true
  if (server?.exitCode === null && server.signalCode === null) {
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGQUIT')
    await Promise.race([gone, sleep(5_000)])
  }
  for (let tries = 0; tries < 60 && existsSync(directory); tries++) {
    try {
      rmSync(directory, { recursive: true, force: true })
    } catch {}
    await sleep(50)
  }
  process.exit()
}

async function start() {
  for (let tries = 0; tries < 5; tries++) {
    port ??= await freePort()
    const args = Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      port,
      max_connections: 200,
      ...settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    log = ''
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...args], { ...as, env, cwd: directory })
    server = child
    const ready = await new Promise((resolve) => {
      const listen = (chunk) => {
        log = (log + chunk).slice(-20_000)
        if (log.includes('ready to accept connections')) resolve(true)
      }
      child.stderr.on('data', listen)
      child.stdout.on('data', listen)
      child.once('error', (error) => {
        log += error
        resolve(false)
      })
      child.once('exit', () => resolve(false))
    })
    if (ready) return { ready: true, port, pid: child.pid }
    if (!log.includes('Address already in use')) break
    port = undefined
  }
  return { ready: false, log }
}

function halt(signal) {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve({ halted: true })
    server.once('exit', () => resolve({ halted: true }))
    server.kill(signal)
  })
}

/** Everything at once, as a power cut does it: the children of a postmaster that is gone could still finish their work. */
function kill() {
  server.kill('SIGSTOP')
  const { stdout } = spawnSync('pgrep', ['-P', String(server.pid)], { encoding: 'utf8' })
  for (const pid of (stdout ?? '').split('\n').map(Number)) {
    if (pid === 0) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  return halt('SIGKILL')
}

/** The next start has to wait until nobody uses the shared memory of the last one. */
async function restart() {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await start()
    if (answer.ready || !/pre-existing shared memory|is the other postmaster|lock file/i.test(answer.log)) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { ready: false, log }
}

process.on('SIGTERM', end)
process.on('SIGINT', () => {})
const lines = createInterface({ input: process.stdin })
lines.on('close', end)
const made = spawnSync(
  join(bin, 'initdb'),
  ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
  { ...as, env, cwd: directory, encoding: 'utf8' },
)
if (made.status !== 0) {
  say({ ready: false, log: `${made.error ?? ''}${made.stdout}${made.stderr}` })
  await end()
}
say(await start())
for await (const line of lines) {
  if (line === 'kill') say(await kill())
  else if (line === 'stop') say(await halt('SIGINT'))
  else if (line === 'start') say(await restart())
  else if (line === 'end') await end()
}
