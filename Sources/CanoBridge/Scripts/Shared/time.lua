-- Redis' clock, in milliseconds since 1970.
local function redis_time()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
