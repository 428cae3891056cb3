#!lua flags=allow-oom
-- A heartbeat: the bridge and its workflows are alive, and so are the runs it names, whose leases it extends or, when
-- it hands them back, sets to 0.
--
-- KEYS  leases, bridges, workflows, then the record of each run
-- ARGV  1 bridge, 2 lease ms, 3 how long the workflows stay listed in ms, 4 the count of workflows, these,
--       then run id, epoch, and renew or release, of each run
-- Gives the time in ms, the runs that are this bridge's no longer, and those to cancel, each with the reason.
local leases, bridges, workflows = KEYS[1], KEYS[2], KEYS[3]
local bridge = ARGV[1]

local now = redis_time()
local expiry = number_text(now + tonumber(ARGV[2]))
local count = tonumber(ARGV[4])

redis.call('ZCARD', leases)
redis.call('ZCARD', workflows)
local owned = {}
local lost, cancelled = {}, {}
local index = 5 + count
for record = 4, #KEYS do
  -- A record that somebody overwrote is lost; the others are not.
  local found = redis.pcall('HMGET', KEYS[record], 'bridge', 'epoch', 'status', 'cancel')
  if is_owner(found, bridge, ARGV[index + 1]) and found[3] == 'running' then
    owned[#owned + 1] = index
    if found[4] then
      cancelled[#cancelled + 1] = { ARGV[index], found[4] }
    end
  else
    lost[#lost + 1] = ARGV[index]
  end
  index = index + 3
end

redis.call('ZADD', bridges, number_text(now), bridge)
for workflow = 5, 4 + count do
  redis.call('ZADD', workflows, number_text(now + tonumber(ARGV[3])), ARGV[workflow])
end
for _, run in ipairs(owned) do
  redis.call('ZADD', leases, ARGV[run + 2] == 'release' and '0' or expiry, ARGV[run])
end
return { now, lost, cancelled }
