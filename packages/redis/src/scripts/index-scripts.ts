/** Scripts on the sorted sets of the index: the names of keys by their deadlines, `+inf` for none. */

/** How many a sweep looks at to find what is gone without having expired. */
const SAMPLE = 20

/**
 * KEYS: sets of one shard. ARGV: ascending edges. Answers for each
 * { permanent, active, expired, first deadline or false, last deadline or false, { active up to each edge and after the one before } }.
 */
export const tally = `
local from = '(' .. whole(now)
local replies = {}
for i, z in ipairs(KEYS) do
  local permanent = call('ZCOUNT', z, '+inf', '+inf')
  local expired = call('ZCOUNT', z, '-inf', now)
  local first = call('ZRANGE', z, from, '(+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  local last = call('ZRANGE', z, '(+inf', from, 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  local buckets, low = {}, from
  for j, edge in ipairs(ARGV) do
    buckets[j] = tonumber(edge) > now and call('ZCOUNT', z, low, edge) or 0
    if tonumber(edge) > now then low = '(' .. edge end
  end
  replies[i] = { permanent, call('ZCARD', z) - permanent - expired, expired, first[2] or false, last[2] or false, buckets }
end
return replies`

/** KEYS: sets of one shard. Answers the first deadline of all of them, or false. */
export const first = `
local least = false
for _, z in ipairs(KEYS) do
  local at = call('ZRANGE', z, '-inf', '(+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
  if at and (not least or tonumber(at) < tonumber(least)) then least = at end
end
return least`

/**
 * KEYS: the registry of a shard, sets of it. ARGV: how many at most, until when. Removes the first of what has expired: the
 * deadline in a set is written in the step that writes that of the key. Then looks in one of the sets for a few at random
 * whether they are still there: what was evicted, or deleted by others, leaves only so. Answers how many were removed, and how
 * many are left for certain, or 1 where many of the few were gone.
 */
export const reclaim = `
local limit, cutoff = tonumber(ARGV[1]), math.min(now, tonumber(ARGV[2]))
local removed, left, sets = 0, 0, {}
for i = 2, #KEYS do
  local z = KEYS[i]
  local due = call('ZCOUNT', z, '-inf', cutoff)
  local count = math.min(due, limit - removed)
  if count > 0 then call('ZREMRANGEBYRANK', z, 0, count - 1) end
  removed, left = removed + count, left + due - count
  if call('EXISTS', z) == 0 then call('SREM', KEYS[1], z) else sets[#sets + 1] = z end
end
if #sets > 0 then
  local z, lost = sets[clock[2] % #sets + 1], 0
  for _, member in ipairs(call('ZRANDMEMBER', z, math.min(${SAMPLE}, limit - removed))) do
    if call('EXISTS', member) == 0 then lost = lost + call('ZREM', z, member) end
  end
  removed, left = removed + lost, left + (lost > ${SAMPLE / 4} and 1 or 0)
end
return { removed, left }`

/**
 * ARGV: a deadline and a key, or two times '', how many at most, and until when or ''. Answers what is live and comes after
 * them: key, deadline, 1 or 0 where it is not there any more, …
 */
export const page = `
local z, score, after = KEYS[1], ARGV[1], ARGV[2]
local function follows(member)
  for j = 1, math.min(#member, #after) do
    local a, b = string.byte(member, j), string.byte(after, j)
    if a ~= b then return a > b end
  end
  return #member > #after
end
local from = call('ZCOUNT', z, '-inf', now)
if score ~= '' then
  local low = call('ZCOUNT', z, '-inf', '(' .. score)
  local high = low + call('ZCOUNT', z, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if follows(call('ZRANGE', z, middle, middle)[1]) then high = middle else low = middle + 1 end
  end
  from = math.max(from, low)
end
local to = from + tonumber(ARGV[3])
if ARGV[4] ~= '' then to = math.min(to, call('ZCOUNT', z, '-inf', ARGV[4])) end
if to <= from then return {} end
local list, reply = call('ZRANGE', z, from, to - 1, 'WITHSCORES'), {}
for j = 1, #list, 2 do
  reply[#reply + 1] = list[j]
  reply[#reply + 1] = list[j + 1]
  reply[#reply + 1] = call('EXISTS', list[j])
end
return reply`
