import { MAX_INSTANT_MS } from '@ttl/core/adapter'
import { TAIL_BYTES } from '../trailer.ts'

/** What a script works on: entries or groups, with or without an index. */
export interface Variant {
  readonly group: boolean
  readonly index: boolean
}

const FOREIGN = "error({ err = 'TTLFOREIGN not written by @ttl/redis' })"

/**
 * The rules of `timing.ts` in Lua, what they read and what they write; each part uses only those before it. `now` is read
 * once, before anything else. All arithmetic is in doubles, exact for every instant; `%.0f` because the text that Lua itself
 * gives a number has only 14 digits.
 */
const parts = ({ group, index }: Variant): readonly [name: string, source: string][] => [
  ['call', 'local call = redis.call'],
  ['now', `local clock = call('TIME')\nlocal now = clock[1] * 1000 + math.floor(clock[2] / 1000)`],
  ['key', `local function key(i) return KEYS[${index ? '(i - 1) * 3 + 1' : 'i'}] end`],
  ['number', "local function number(text) if text and text ~= '' then return tonumber(text) end end"],
  ['whole', "local function whole(value) return string.format('%.0f', value) end"],
  ['least', 'local function least(a, b) if not a then return b end if not b or a <= b then return a end return b end'],
  ['plus', `local function plus(a, b) return math.min(a + b, ${MAX_INSTANT_MS}) end`],
  [
    'each',
    `local function each(work)
  local replies = {}
  for i = 1, #KEYS${index ? ' / 3' : ''} do
    local ok, reply = pcall(work, i)
    if not ok and type(reply) ~= 'table' then reply = { err = tostring(reply) } end
    replies[i] = reply
  end
  return replies
end`,
  ],
  ['SHAPE', "local SHAPE = ' ([cwaCWA])(%d*)/?([%d.e+-]*)%^?(-?%d*)@?(-?%d*)$'"],
  [
    'parse',
    `local function parse(tail)
  local letter, ttl, gate, cap, born = string.match(tail, SHAPE)
  if not letter then ${FOREIGN} end
  local size = 1 + #letter + #ttl + (#gate > 0 and #gate + 1 or 0) + (#cap > 0 and #cap + 1 or 0) + (#born > 0 and #born + 1 or 0)
  return { letter = letter, mode = string.lower(letter), ttl = number(ttl), gate = gate, cap = number(cap), born = number(born), size = size }
end`,
  ],
  [
    'trailer',
    `local function trailer(t)
  local text = ' ' .. t.letter
  if t.ttl then text = text .. whole(t.ttl) end
  if t.gate ~= '' then text = text .. '/' .. t.gate end
  if t.cap then text = text .. '^' .. whole(t.cap) end
  if t.born then text = text .. '@' .. whole(t.born) end
  return text
end`,
  ],
  [
    'tailOf',
    group
      ? `local function tailOf(k)
  local tail = call('HGET', k, '')
  if not tail and call('EXISTS', k) == 1 then ${FOREIGN} end
  return tail
end`
      : `local function tailOf(k)
  local tail = call('GETRANGE', k, -${TAIL_BYTES}, -1)
  if tail ~= '' then return tail end
  if call('EXISTS', k) == 1 then ${FOREIGN} end
end`,
  ],
  [
    'deadline',
    `local function deadline(k)
  local at = call('PEXPIRETIME', k)
  if at >= 0 then return at end
end`,
  ],
  [
    'load',
    `local function load(k)
  local tail = tailOf(k)
  if not tail then return nil end
  local t = parse(tail)
  t.ends = deadline(k)
  if t.ends and t.ends <= now then return nil end
  return t
end`,
  ],
  [
    'begin',
    `local function begin(plan, born)
  local t = { letter = plan.letter, mode = plan.mode, ttl = plan.ttl, gate = plan.gate, cap = plan.at }
  if plan.max then
    t.born = born or now
    t.cap = least(plus(t.born, plan.max), plan.at)
  end
  if plan.ttl then t.ends = least(plus(now, plan.ttl), t.cap) else t.ends = t.cap end
  return t
end`,
  ],
  [
    'restart',
    `local function restart(t)
  if not t.ends or not t.ttl then return false end
  local renewed = least(plus(now, t.ttl), t.cap)
  if renewed <= t.ends then return false end
  t.ends = renewed
  return true
end`,
  ],
  ['touched', "local function touched(t) return t.mode ~= 'c' and restart(t) end"],
  [
    'limited',
    `local function limited(t, limit)
  if not limit then return end
  t.born = t.born or now
  local edge = plus(t.born, limit)
  t.ends, t.cap = least(t.ends, edge), least(t.cap, edge)
end`,
  ],
  ['live', 'local function live(t) return not t.ends or now < t.ends end'],
  [
    'file',
    index
      ? `local function file(i, ends)
  call('ZADD', KEYS[i * 3 - 1], ends or '+inf', key(i))
  call('SADD', KEYS[i * 3], KEYS[i * 3 - 1])
end`
      : 'local function file() end',
  ],
  [
    'remove',
    `local function remove(i)
  ${index ? "call('ZREM', KEYS[i * 3 - 1], key(i))" : ''}
  return call('UNLINK', key(i))
end`,
  ],
  [
    // Redis finds the later of two deadlines itself, without being told the time.
    'slide',
    `local function slide(i, ttl, gate, cap)
  local k = key(i)
  if gate ~= '' and call('PTTL', k) > ttl - ttl * gate then return end
  local room = 0
  if cap ~= '' then
    local ends = call('PEXPIRETIME', k)
    room = cap - ends
    if ends < 0 or room <= 0 then return end
  end
  if call('PEXPIRE', k, ttl, 'GT') == 0 then return end
  if cap ~= '' and room < ttl + 0 then call('PEXPIREAT', k, cap, 'LT') end
  ${index ? "file(i, call('PEXPIRETIME', k))" : ''}
end`,
  ],
  [
    'place',
    `local function place(current, plan)
  if plan.onLive == 'e' then
    return { letter = plan.letter, mode = plan.mode, ttl = plan.ttl, gate = plan.gate, cap = plan.max, born = plan.limit, ends = plan.at }
  end
  if not current then return begin(plan) end
  if plan.onLive == 'r' then return begin(plan, current.born) end
  limited(current, plan.limit)
  if plan.onLive == 's' and live(current) then touched(current) end
  return current
end`,
  ],
  [
    'planOf',
    `local function planOf(text)
  local onLive, letter, ttl, max, at, gate, limit = string.match(text, '^(%a)(%a)(%d*),(-?%d*),(-?%d*),([^,]*),(-?%d*)$')
  return { onLive = onLive, letter = letter, mode = string.lower(letter), ttl = number(ttl), max = number(max), at = number(at), gate = gate, limit = number(limit) }
end`,
  ],
]

/** A script with the parts of the library that it uses: every run makes all the functions that are in it. */
export function withLibrary(body: string, variant: Variant): string {
  let script = body
  for (const [name, source] of parts(variant).toReversed()) {
    if (new RegExp(`\\b${name}\\b`).test(script)) script = `${source}\n${script}`
  }
  return script
}
