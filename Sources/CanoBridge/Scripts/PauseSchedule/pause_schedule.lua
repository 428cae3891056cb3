#!lua flags=allow-oom
-- Lets a schedule rest: none of its due times fires until it is resumed. What it has started goes on, and what waits to be made up for is
-- kept.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. run is the schedule's name.
--
-- Gives paused (also where it was before: it is paused since then), superseded (a later command that pauses or resumes it was taken before),
-- unknown (there is none: the entry is left where it is), or gone (it was taken already).
local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'pause_order', 'workflow', 'paused')
local is_listed = redis.call('ZSCORE', schedules, run)
if not is_there then
  return 'gone'
end
if not is_listed or not found[2] then
  return 'unknown'
end
if is_older(entry, found[1]) then
  answer_schedule_command(schedule_envelope(found[2]), 'cano.schedule.superseded', fill(superseded_template, { by = quoted(found[1]) }))
  return 'superseded'
end
local since = found[3] or made
answer_schedule_command(schedule_envelope(found[2]), 'cano.schedule.paused', fill(paused_template, { paused = since }))
redis.call('HSET', schedule, 'paused', since, 'pause_order', order_of(found[1], redis_time()), 'updated', made)
redis.call('HDEL', schedule, 'next', 'start')
redis.call('ZADD', schedules, '+inf', run)
return 'paused'
