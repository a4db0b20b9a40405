// Runs commands as steps: a line each, the output only of what fails (or of everything, when verbose).
import { spawn } from 'node:child_process'

const colour = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

export function line(ok, name, detail, ms) {
  const mark = ok ? paint(32, '✓') : paint(31, '✗')
  const time = ms === undefined ? '' : paint(2, seconds(ms).padStart(8))
  console.log(`${mark} ${name.padEnd(16)} ${detail.padEnd(44)} ${time}`.trimEnd())
}

/** Runs a command to its end. `live` gives it this terminal. */
export function run(command, args, { env, cwd, live = false, input = 'ignore' }) {
  return new Promise((resolve) => {
    const started = performance.now()
    let output = ''
    const child = spawn(command, args, {
      env,
      cwd,
      stdio: live ? [input, 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    })
    const add = (chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', add)
    child.stderr?.setEncoding('utf8').on('data', add)
    const end = (code) => resolve({ code, output, ms: performance.now() - started })
    child.on('error', (error) => {
      add(`${command}: ${error.message}\n`)
      if (live) console.error(`${command}: ${error.message}`)
      end(127)
    })
    child.on('close', (code) => end(code ?? 1))
  })
}

export function indented(text) {
  console.log(text.trimEnd().replace(/^/gm, '    '))
}
