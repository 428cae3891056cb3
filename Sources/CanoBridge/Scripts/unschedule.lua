#!lua flags=allow-oom
-- Removes a schedule. What it has started goes on.
--
-- KEYS  commands or control, schedule, schedules, events [, reply stream]
-- ARGV  1 bridge, 2 epoch (0), 3 source prefix, 4 name, 5 workflow (empty), 6 traceparent, 7 now, 8 group, 9 entry,
--       10 event time, 11 length and 12 retention ms of reply streams, 13 how long the removal is remembered in ms
-- Gives removed, superseded (a later command about it was taken before), unknown (there is none: the entry is left where
-- it is), or gone (it was taken already).
local command = schedule_command()
local is_there = #redis.call('XRANGE', command.commands, command.entry, command.entry) > 0
local found = redis.call('HMGET', command.schedule, 'order', 'workflow')
local is_listed = redis.call('ZSCORE', command.schedules, command.name)
redis.call('XLEN', command.events)
if not is_there then
  return 'gone'
end
command.envelope.workflow = found[2] or ''
command.envelope.source = command.envelope.source .. command.envelope.workflow
if is_older(command.entry, found[1]) then
  answer_schedule_command(command, 'cano.schedule.superseded', superseded_data(found[1]))
  return 'superseded'
end
-- Also where there is none: its command may have been published before and be taken after this one.
redis.call('HSET', command.schedule, 'order', order_of(command.entry, found[1], redis_time()))
redis.call('PEXPIRE', command.schedule, ARGV[13])
if not is_listed then
  return 'unknown'
end
redis.call('ZREM', command.schedules, command.name)
redis.call('HDEL', command.schedule, 'next', 'start', 'backlog')
answer_schedule_command(command, 'cano.schedule.removed', '{}')
return 'removed'
