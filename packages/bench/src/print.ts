import type { Finding } from './growth/index.ts'
import type { Row } from './row.ts'

/** One workload with one number of callers: a line for each subject. */
export function printRows(rows: readonly Row[]): void {
  const [first] = rows
  if (first === undefined) return
  console.log(`\n${first.backend}  ${first.workload}  ${first.concurrency} in flight`)
  for (const row of rows) {
    const server = row.serverCpuUs === undefined ? '' : `  server ${row.serverCpuUs.toFixed(1)}`
    console.log(
      `  ${row.subject.padEnd(32)} ${Math.round(row.opsPerSec).toLocaleString('en').padStart(11)}/s ±${(row.spread * 100).toFixed(0).padStart(2)} %` +
        `  × driver ${(row.ratioToDriver ?? Number.NaN).toFixed(2).padStart(5)}` +
        `  p50 ${row.p50Ms.toFixed(3)} p99 ${row.p99Ms.toFixed(3)} ms  CPU µs: client ${row.clientCpuUs.toFixed(1)}${server}`,
    )
  }
}

export function printFinding({ backend, subject, size, variant = '', figures }: Finding): void {
  const at = size === undefined ? '' : size.toLocaleString('en')
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
  console.log(
    `  ${backend.padEnd(9)} ${subject.padEnd(32)} ${at.padStart(10)} ${variant.padEnd(32)} ${shown.join('  ')}`,
  )
}
