// Runs commands as steps: a line each, the output only of what fails (or of everything, when verbose).
import { spawn } from 'node:child_process'

let out = process.stdout
const paint = (code, text) => (out.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text)

/** Where the steps are told. Standard output unless a program of ours owns that. */
export function reportOn(stream) {
  out = stream
}

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

export function line(ok, name, detail, ms) {
  const mark = ok ? paint(32, '✓') : paint(31, '✗')
  const time = ms === undefined ? '' : paint(2, seconds(ms).padStart(8))
  out.write(`${`${mark} ${name.padEnd(16)} ${detail.padEnd(44)} ${time}`.trimEnd()}\n`)
}

/** Whatever runs has a process group of its own, so that nothing outlives us. */
const groups = new Set()
const stop = (signal, pids = groups) => {
  for (const pid of pids) {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, signal)
    } catch {}
  }
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => {
    stop('SIGTERM')
    process.exit(code)
  })
}

const LIMIT_MS = 20 * 60_000

/** Runs a command to its end, or for twenty minutes. `live` gives it this terminal. */
export function run(command, args, { env, cwd, live = false, input = 'ignore' }) {
  return new Promise((resolve) => {
    const started = performance.now()
    let output = ''
    const stdio = live ? [input, 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
    // Live, it keeps our group: a terminal gives its keys only to that.
    const child = spawn(command, args, { env, cwd, stdio, detached: !live && process.platform !== 'win32' })
    if (!live && child.pid !== undefined) groups.add(child.pid)
    const add = (chunk) => {
      output += chunk
    }
    const timer = setTimeout(() => {
      add(`\nstopped: took longer than ${seconds(LIMIT_MS)}\n`)
      if (live) child.kill()
      else stop('SIGKILL', [child.pid])
    }, LIMIT_MS)
    child.stdout?.setEncoding('utf8').on('data', add)
    child.stderr?.setEncoding('utf8').on('data', add)
    const end = (code) => {
      clearTimeout(timer)
      groups.delete(child.pid)
      resolve({ code, output, ms: performance.now() - started })
    }
    child.on('error', (error) => {
      add(`${command}: ${error.message}\n`)
      if (live) console.error(`${command}: ${error.message}`)
      end(127)
    })
    child.on('close', (code) => end(code ?? 1))
  })
}

export function indented(text) {
  out.write(`${text.trimEnd().replace(/^/gm, '    ')}\n`)
}
