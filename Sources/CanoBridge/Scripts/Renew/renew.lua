#!lua flags=allow-oom
-- A heartbeat: the bridge and its workflows are alive, and so are the runs it names, whose leases it extends or, when
-- it hands them back, sets to 0.
--
-- Behind the keys: of each run its record, and the leases of its workflow. The lists: the workflows' listings; the runs in the same
-- order.
--
-- Gives the time in ms, the runs that are this bridge's no longer, and those to cancel, each with the reason.
local now = redis_time()
local expiry = number_text(now + tonumber(lease_ms))

redis.call('ZCARD', workflows)
local runs = lists + 1 + tonumber(arguments[lists])
local owned, owned_leases, lost, cancelled = {}, {}, {}, {}
local is_list = {}
local at = runs + 1
for record = more_keys, #keys, 2 do
  local leases = keys[record + 1]
  if not is_list[leases] then
    redis.call('ZCARD', leases)
    is_list[leases] = true
  end
  -- A record that was overwritten is lost; the others are not.
  local found = redis.pcall('HMGET', keys[record], 'bridge', 'epoch', 'status', 'cancel')
  if is_owner(found, bridge, arguments[at + run_epoch]) and found[3] == 'running' then
    owned[#owned + 1] = arguments[at + run_id]
    owned_leases[#owned] = leases
    if found[4] then
      cancelled[#cancelled + 1] = { arguments[at + run_id], found[4] }
    end
  else
    lost[#lost + 1] = arguments[at + run_id]
  end
  at = at + run_width
end

redis.call('ZADD', bridges, number_text(now), bridge)
for workflow = lists + 1, runs - 1 do
  redis.call('ZADD', workflows, number_text(now + tonumber(listing_ms)), arguments[workflow])
end
for index, run in ipairs(owned) do
  redis.call('ZADD', owned_leases[index], purpose == 'release' and '0' or expiry, run)
end
return { now, lost, cancelled }
