#!lua
-- Lets a paused schedule go on with its next due time from now on; those that came meanwhile are forgotten.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. run is the schedule's name; order_before and backlog_before are what
-- it was set by and what it had to make up for when it was read; next and start are for from now on, empty where it is never due again; look_again is when to look at it next.
--
-- Gives resumed (also where it was not paused: nothing changes), superseded (a later command that pauses or resumes it was taken before), never
-- (it is never due again, and stays paused: the entry is left where it is), moved (it was set, or has fired, since it was read: nothing was written), unknown
-- (there is none: the entry is left where it is), or gone (it was taken already).
local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'pause_order', 'workflow', 'paused', 'order', 'next', 'backlog')
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
if (found[4] or '') ~= order_before or (found[6] or '') ~= backlog_before then
  return 'moved'
end
if found[3] and next_due == '' and not found[6] then
  return 'never'
end
local next_after = found[3] and next_due or found[5] or ''
answer_schedule_command(schedule_envelope(found[2]), 'cano.schedule.resumed',
  fill(resumed_template, { next = next_after == '' and 'null' or next_after }))
redis.call('HSET', schedule, 'pause_order', order_of(found[1], redis_time()), 'updated', made)
if found[3] then
  redis.call('HDEL', schedule, 'paused', 'next', 'start')
  set_fields(schedule, { next = next_due, start = start })
  redis.call('ZADD', schedules, look_again, run)
end
return 'resumed'
