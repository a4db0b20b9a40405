import { readFileSync } from 'node:fs'

/** Of one clock tick that Linux counts CPU time in. */
const TICK_MS = 10

interface Stat {
  readonly parent: number
  /** Of the process and of its children that ended. */
  readonly ticks: number
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number) as [number, number, number, number]
    return { parent: Number(fields[1]), ticks: user + system + endedUser + endedSystem }
  } catch {
    return undefined
  }
}

/** The CPU time in milliseconds that a process and its children have used so far; `undefined` where it cannot be told. */
export function cpuOf(pid: number): number | undefined {
  const own = statOf(pid)
  if (own === undefined) return undefined
  let ticks = own.ticks
  for (const child of childrenOf(pid)) ticks += statOf(child)?.ticks ?? 0
  return ticks * TICK_MS
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').flatMap((each) => (each === '' ? [] : Number(each)))
  } catch {
    return []
  }
}

export function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent
}
