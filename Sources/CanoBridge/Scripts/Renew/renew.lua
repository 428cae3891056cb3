#!lua flags=allow-oom
-- A heartbeat: the bridge and its workflows are alive, and so are the runs it names, whose leases it extends or, when
-- it hands them back, sets to 0.
--
-- Behind the keys: of each run its record, and the leases of its workflow. The lists: the workflows' listings; the runs in the same
-- order.
--
-- Gives the time in ms, the runs that are this bridge's no longer, those to cancel, each with the reason, and the keys that hold something
-- else. These stand in the way of nothing but themselves: a run whose lease can't be written is this bridge's all the same, for
-- no other can claim it.
local now = redis_time()
local expiry = number_text(now + tonumber(lease_ms))

local blocked, is_list = {}, {}
local function is_sorted_set(key)
  if is_list[key] == nil then
    is_list[key] = type(redis.pcall('ZCARD', key)) == 'number'
    if not is_list[key] then
      blocked[#blocked + 1] = key
    end
  end
  return is_list[key]
end

local runs = lists + 1 + tonumber(arguments[lists])
local lost, cancelled = {}, {}
local at = runs + 1
for record = more_keys, #keys, 2 do
  local leases, run = keys[record + 1], arguments[at + run_id]
  local found = redis.pcall('HMGET', keys[record], 'bridge', 'epoch', 'status', 'cancel')
  if found.err then
    blocked[#blocked + 1] = keys[record]
  end
  if is_owner(found, bridge, arguments[at + run_epoch]) and found[3] == 'running' then
    if is_sorted_set(leases) then
      redis.call('ZADD', leases, purpose == 'release' and '0' or expiry, run)
    end
    if found[4] then
      cancelled[#cancelled + 1] = { run, found[4] }
    end
  else
    lost[#lost + 1] = run
  end
  at = at + run_width
end

if is_sorted_set(bridges) then
  redis.call('ZADD', bridges, number_text(now), bridge)
end
for at = lists + 1, runs - 1 do
  local listing = arguments[at]
  if is_sorted_set(workflows) then
    redis.call('ZADD', workflows, number_text(now + tonumber(listing_ms)), listing)
  end
  if is_sorted_set(known) then
    -- The workflow in its version, and in any.
    redis.call('ZADD', known, number_text(now), string.match(listing, '^[^/]+'), number_text(now), string.match(listing, '^[^@]+@'))
    redis.call('ZREMRANGEBYRANK', known, '0', number_text(-1 - most_known))
  end
end
return { now, lost, cancelled, blocked }
