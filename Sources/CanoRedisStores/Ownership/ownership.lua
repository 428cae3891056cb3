-- Who owns a run, for every script that must ask before it writes.

local function number_text(number)
  return string.format('%.0f', number)
end

-- Redis' clock, in milliseconds since 1970.
local function redis_time()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether a run is its caller's: found has the owner and the epoch that Redis keeps of it. An error in their place, which
-- redis.pcall answers for a key of another type, is no owner.
local function is_owner(found, owner, epoch)
  return found[1] == owner and found[2] == epoch
end
