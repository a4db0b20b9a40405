const SLOTS = 16_384

/** CRC-16/XMODEM, by the byte. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

export function crc16(text: string): number {
  let crc = 0
  for (const byte of Buffer.from(text)) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] as number)
  return crc
}

/** The slot of a key in a cluster: of its first `{hash tag}` if that is one, else of the whole. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const end = open < 0 ? -1 : key.indexOf('}', open + 1)
  return crc16(end > open + 1 ? key.slice(open + 1, end) : key) % SLOTS
}
