/** The scripts, one for each operation that has to look first. What they are told is in `../plan.ts`. */
import { MAX_INSTANT_MS } from '@ttl/core/adapter'
import { TAIL_BYTES } from '../trailer.ts'
import { first, page, reclaim, tally } from './index-scripts.ts'
import { type Variant, withLibrary } from './library.ts'

/** ARGV: touch, detail. Answers for each key false, the value, or with detail { value, deadline or false, now }. */
const read = `
local touch, detail = ARGV[1] == '1', ARGV[2] == '1'
return each(function(i)
  local value = call('GET', key(i))
  if not value then return false end
  local letter, ttl, gate, cap = string.match(string.sub(value, -${TAIL_BYTES}), SHAPE)
  if not letter then error({ err = 'TTLFOREIGN not written by @ttl/redis' }) end
  local slides = touch and ttl ~= '' and (letter == 'a' or letter == 'A')
  if not slides and not detail then return value end
  local ends = call('PEXPIRETIME', key(i))
  if ends >= 0 then
    if ends <= now then return false end
    if slides and (gate == '' or ends - now <= ttl - ttl * gate) then
      local renewed = math.min(now + ttl, ${MAX_INSTANT_MS})
      if cap ~= '' then renewed = math.min(renewed, tonumber(cap)) end
      if renewed > ends then
        ends = renewed
        renew(i, ends)
      end
    end
  end
  return detail and { value, ends >= 0 and ends, now } or value
end)`

/** Answers for each key false or { trailer, deadline or false, now }. */
const inspect = `
return each(function(i)
  local tail = tailOf(key(i))
  if not tail then return false end
  local ends = deadline(key(i))
  if ends and ends <= now then return false end
  return { tail, ends or false, now }
end)`

/** ARGV: 'touched' or 'accessed'. Answers for each key 1 or 0. */
const touch = `
local rule = ARGV[1] == 'touched' and touched or accessed
return each(function(i)
  local t = load(key(i))
  if not t then return 0 end
  if rule(t) then renew(i, t.ends) end
  return 1
end)`

/** ARGV for each key: payload, plan, condition. Answers for each key 1 or 0. */
const write = `
return each(function(i)
  local payload, plan, condition = ARGV[i * 3 - 2], planOf(ARGV[i * 3 - 1]), ARGV[i * 3]
  local k = key(i)
  local current = load(k)
  if condition == 'a' and current then return 0 end
  if condition ~= '' and condition ~= 'a' and not current then return 0 end
  if string.sub(condition, 1, 1) == '=' then
    local bytes = current.letter < 'Z'
    if bytes ~= (string.sub(condition, 2, 2) == 'b') then return 0 end
    local value = call('GET', k)
    if string.sub(value, 1, -1 - current.size) ~= string.sub(condition, 3) then return 0 end
  end
  local t = place(current, plan)
  if not live(t) then
    remove(i)
    return 0
  end
  t.letter = plan.letter < 'Z' and string.upper(t.letter) or string.lower(t.letter)
  if t.ends then
    call('SET', k, payload .. trailer(t), 'PXAT', t.ends)
  else
    call('SET', k, payload .. trailer(t))
  end
  file(i, t.ends)
  return 1
end)`

/** ARGV: plan. Answers for each key 1 or 0. */
const expire = ({ group }: Variant) => `
local plan = planOf(ARGV[1])
return each(function(i)
  local k = key(i)
  local current = load(k)
  if not current then return 0 end
  plan.letter, plan.mode, plan.gate = current.letter, current.mode, current.gate
  local t = begin(plan, current.born)
  t.born = current.born or t.born
  if not live(t) then
    remove(i)
    return 0
  end
${
  group
    ? `  call('HSET', k, '', trailer(t))
  if t.ends then call('PEXPIREAT', k, t.ends) else call('PERSIST', k) end`
    : `  local value = string.sub(call('GET', k), 1, -1 - current.size) .. trailer(t)
  if t.ends then call('SET', k, value, 'PXAT', t.ends) else call('SET', k, value) end`
}
  file(i, t.ends)
  return 1
end)`

/** Answers for each key 1 or 0. */
const remove = `
return each(function(i)
  local ends = deadline(key(i))
  return remove(i) == 1 and not (ends and ends <= now) and 1 or 0
end)`

/** Answers false or the value, which is gone. */
const take = `
local value = call('GET', key(1))
local ends = deadline(key(1))
if not value or (ends and ends <= now) then return false end
parse(string.sub(value, -${TAIL_BYTES}))
remove(1)
return value`

/** ARGV: touch, members or none for all. Answers false or { trailer, deadline or false, now, member, value, … }. */
const readGroup = `
local k = key(1)
local t = load(k)
if not t then return false end
local reply = { trailer(t), false, now }
if #ARGV == 1 then
  local all = call('HGETALL', k)
  for j = 1, #all, 2 do
    if all[j] ~= '' then
      reply[#reply + 1] = all[j]
      reply[#reply + 1] = all[j + 1]
    end
  end
else
  for j = 2, #ARGV do
    local value = call('HGET', k, ARGV[j])
    if value then
      reply[#reply + 1] = ARGV[j]
      reply[#reply + 1] = value
    end
  end
end
if #reply == 3 then return false end
if ARGV[1] == '1' and accessed(t) then renew(1, t.ends) end
reply[2] = t.ends or false
return reply`

/** ARGV: plan, condition, then member and value for each. Answers 1 or 0. */
const writeGroup = `
local k = key(1)
local current, plan = load(k), planOf(ARGV[1])
if ARGV[2] == 'a' and current then return 0 end
local t = place(current, plan)
if not live(t) then
  remove(1)
  return 0
end
if not current or plan.onLive == 'e' then call('UNLINK', k) end
call('HSET', k, '', trailer(t))
for j = 3, #ARGV, 1000 do call('HSET', k, unpack(ARGV, j, math.min(j + 999, #ARGV))) end
if t.ends then call('PEXPIREAT', k, t.ends) else call('PERSIST', k) end
file(1, t.ends)
return 1`

/** ARGV: members. Answers for each 1 or 0. */
const deleteMembers = `
local k = key(1)
local current = load(k)
local replies = {}
for j = 1, #ARGV do replies[j] = current and call('HDEL', k, ARGV[j]) or 0 end
if current and call('HLEN', k) == 1 then remove(1) end
return replies`

const SOURCES = {
  read,
  inspect,
  touch,
  write,
  expire,
  remove,
  take,
  readGroup,
  writeGroup,
  deleteMembers,
  tally,
  first,
  reclaim,
  page,
}

export type ScriptName = keyof typeof SOURCES

export function sourceOf(name: ScriptName, variant: Variant): string {
  const body = SOURCES[name]
  return `-- @ttl/redis ${name}\n${withLibrary(typeof body === 'string' ? body : body(variant), variant)}\n`
}
