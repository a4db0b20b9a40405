/** A number in [0, 1) that depends on the text alone: FNV-1a over UTF-16 units, finished with murmur3's mixer. */
export function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/**
 * Shortens a ttl by up to the fraction `jitter`, the same for the same namespace and key, so that entries that were
 * written together do not expire together. Never longer (a retention promise holds), never below 1 ms.
 */
export function jittered(ttlMs: number, jitter: number, namespace: string, key: string): number {
  if (jitter === 0) return ttlMs
  return Math.max(1, ttlMs - Math.floor(ttlMs * jitter * spread(`${namespace}\0${key}`)))
}
