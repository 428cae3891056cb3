#!lua
-- Reserves schedules that are due, so that of several bridges one reads and fires each: for reserve_ms no other finds it due. Who
-- fires it moves it on; who dies before that has held it up for no longer.
--
-- Gives the time in ms, when the next one is due (empty for none), and the names of those that are reserved.
local now = redis_time()
local due = redis.call('ZRANGEBYSCORE', schedules, '-inf', number_text(now), 'LIMIT', 0, most)
for _, name in ipairs(due) do
  redis.call('ZADD', schedules, number_text(now + tonumber(reserve_ms)), name)
end
local upcoming = redis.call('ZRANGEBYSCORE', schedules, number_text(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { now, upcoming[2] or '', due }
