/** Starts counting; the answer tells the milliseconds since. For waiting and slicing only: expiry is judged by the clock. */
export function stopwatch(): () => number {
  const start = process.hrtime.bigint()
  return () => Number(process.hrtime.bigint() - start) / 1e6
}
