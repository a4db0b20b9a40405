/** The scripts, one for each operation that has to look first. What they are told is in `../plan.ts`. */
import { TAIL_BYTES } from '../trailer.ts'
import { first, page, reclaim, tally } from './index-scripts.ts'
import { type Variant, withLibrary } from './library.ts'

/** Reads key i, and restarts it if ARGV[1] is '1' and it was written under 'access'. */
const found = `
  local value = call('GET', key(i))
  if not value then return false end
  local letter, ttl, gate, cap = string.match(value, SHAPE, -${TAIL_BYTES})
  if not letter then error({ err = 'TTLFOREIGN not written by @ttl/redis' }) end
  if ARGV[1] == '1' and ttl ~= '' and (letter == 'a' or letter == 'A') then slide(i, ttl, gate, cap) end`

/** ARGV: touch. One key: answers its value or false. */
const readOne = `
local i = 1${found}
return value`

/** ARGV: touch. Answers for each key its value or false. */
const read = `
return each(function(i)${found}
  return value
end)`

/** ARGV: touch. Answers for each key false or { value, deadline or false, now }. */
const readDetail = `
return each(function(i)
  local before = deadline(key(i))
  if before and before <= now then return false end${found}
  return { value, deadline(key(i)) or false, now }
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
local any = ARGV[1] == 'touched'
return each(function(i)
  local tail = tailOf(key(i))
  if not tail then return 0 end
  local t = parse(tail)
  if t.ttl and (t.mode == 'a' or (any and t.mode == 'w')) then slide(i, t.ttl, any and '' or t.gate, t.cap or '') end
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

/** Collects in `reply` the members that ARGV names, or all, and restarts the group if ARGV[1] is '1' and it slides. */
const foundMembers = `
local k = key(1)
local tail = tailOf(k)
if not tail then return false end
local reply = {}
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
if #reply == 0 then return false end
local t = parse(tail)
if ARGV[1] == '1' and t.mode == 'a' and t.ttl then slide(1, t.ttl, t.gate, t.cap or '') end`

/** ARGV: touch, members or none for all. Answers false or { member, value, … }. */
const readGroup = `${foundMembers}
return reply`

/** The same. Answers false or { trailer, deadline or false, now, { member, value, … } }. */
const readGroupDetail = `
local before = deadline(key(1))
if before and before <= now then return false end${foundMembers}
return { tail, deadline(k) or false, now, reply }`

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
  readOne,
  read,
  readDetail,
  inspect,
  touch,
  write,
  expire,
  remove,
  take,
  readGroup,
  readGroupDetail,
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
