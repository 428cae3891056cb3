#!lua flags=allow-oom
-- Removes a schedule. What it has started goes on.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. run is the schedule's name.
--
-- Gives removed, superseded (a later command about it was taken before), unknown (there is none: the entry is left where it is, and its
-- order is remembered for the retention), or gone (it was taken already).
local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'order', 'workflow', 'pause_order')
local is_listed = redis.call('ZSCORE', schedules, run)
if not is_there then
  return 'gone'
end
local envelope = schedule_envelope(found[2])
if is_older(entry, found[1]) then
  answer_schedule_command(envelope, 'cano.schedule.superseded', fill(superseded_template, { by = quoted(found[1]) }))
  return 'superseded'
end
if is_listed then
  answer_schedule_command(envelope, 'cano.schedule.removed', removed_data)
end
-- Also where there is none: its command may have been published before and be taken after this one.
redis.call('HSET', schedule, 'order', order_of(found[1], redis_time()), 'pause_order', order_of(found[3], redis_time()))
redis.call('PEXPIRE', schedule, retention_ms)
if not is_listed then
  return 'unknown'
end
redis.call('ZREM', schedules, run)
redis.call('HDEL', schedule, 'next', 'start', 'backlog', 'paused')
return 'removed'
