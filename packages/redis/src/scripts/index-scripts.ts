/** Scripts on one sorted set of the index: the names of keys by their deadlines, `+inf` for none. */

/** KEYS: sets of one shard. Answers for each { permanent, active, expired, first deadline or false, last deadline or false }. */
export const tally = `
local from = '(' .. whole(now)
local replies = {}
for i, z in ipairs(KEYS) do
  local permanent = call('ZCOUNT', z, '+inf', '+inf')
  local expired = call('ZCOUNT', z, '-inf', now)
  local first = call('ZRANGE', z, from, '(+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  local last = call('ZRANGE', z, '(+inf', from, 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  replies[i] = { permanent, call('ZCARD', z) - permanent - expired, expired, first[2] or false, last[2] or false }
end
return replies`

/**
 * KEYS: the registry of a shard, sets of it. ARGV: how many at most, until when. Removes the first of what has expired: the
 * deadline in a set is written in the step that writes that of the key. Answers how many were removed and how many are left.
 */
export const reclaim = `
local limit, cutoff = tonumber(ARGV[1]), math.min(now, tonumber(ARGV[2]))
local removed, left = 0, 0
for i = 2, #KEYS do
  local z = KEYS[i]
  local due = call('ZCOUNT', z, '-inf', cutoff)
  local count = math.min(due, limit - removed)
  if count > 0 then call('ZREMRANGEBYRANK', z, 0, count - 1) end
  removed, left = removed + count, left + due - count
  if call('EXISTS', z) == 0 then call('SREM', KEYS[1], z) end
end
return { removed, left }`

/** ARGV: a deadline and a key, or two times '', and how many at most. Answers what is live and comes after them: key, deadline, … */
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
return call('ZRANGE', z, from, from + tonumber(ARGV[3]) - 1, 'WITHSCORES')`
