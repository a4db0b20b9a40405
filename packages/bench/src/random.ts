/** Random numbers that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Which of `count` items come next, all equally often. */
export function uniformPicks(count: number, length: number, random = seeded(1)): Uint32Array {
  return Uint32Array.from({ length }, () => Math.floor(random() * count))
}

/** Which of `count` items come next, the n-th most popular as often as n to the power of −alpha. */
export function zipfPicks(count: number, length: number, alpha: number, random = seeded(2)): Uint32Array {
  const upTo = new Float64Array(count)
  let total = 0
  for (let index = 0; index < count; index++) upTo[index] = total += (index + 1) ** -alpha
  const rankOf = (target: number): number => {
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] as number) < target) low = middle + 1
      else high = middle
    }
    return low
  }
  // The popular ones are anywhere, not side by side.
  const stride = coprime(count)
  return Uint32Array.from({ length }, () => (rankOf(random() * total) * stride) % count)
}

function coprime(count: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b))
  let candidate = Math.max(1, Math.floor(count * 0.618))
  while (common(candidate, count) !== 1) candidate++
  return candidate
}
