-- Shared by the scripts of the checkpoint store. A run is one hash: `owner`, `epoch` and `lease` (when it ends, Redis' time
-- in ms) say whose it is, and each row is a field named after its sequence. No row, no hash.

-- Redis' clock, in milliseconds since 1970.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function extend_lease(run, milliseconds)
  redis.call('HSET', run, 'lease', string.format('%.0f', now() + tonumber(milliseconds)))
end

-- Whether somebody else than ARGV[1] has a lease that has not ended; found is HMGET owner lease.
local function is_leased(found)
  return found[1] and found[1] ~= ARGV[1] and tonumber(found[2] or '0') > now()
end

-- Whether ARGV[1] owns the run in epoch ARGV[2].
local function is_owned(run)
  local found = redis.call('HMGET', run, 'owner', 'epoch')
  return found[1] == ARGV[1] and found[2] == ARGV[2]
end
