import type { Awaitable } from '@ttl/core/adapter'

/** How long reading may go on in one turn of the event loop, in milliseconds. */
export const TURN_MS = 5

/** Gives way to whatever else is waiting in this process. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Takes steps, giving way to other work between them, until one has the answer: at once if it is the first. */
export function inSteps<T extends object>(step: () => Awaitable<T | undefined>): Awaitable<T> {
  const first = step()
  return first === undefined || first instanceof Promise ? goOn(first, step) : first
}

async function goOn<T>(first: Awaitable<T | undefined>, step: () => Awaitable<T | undefined>): Promise<T> {
  let answer = await first
  while (answer === undefined) {
    await breathe()
    answer = await step()
  }
  return answer
}
