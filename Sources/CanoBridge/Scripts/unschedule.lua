#!lua flags=allow-oom
-- Removes a schedule. What it has started goes on.
--
-- KEYS  commands or control, schedule, schedules, events [, reply stream]
-- ARGV  1 bridge, 2 epoch (0), 3 source prefix, 4 name, 5 workflow (empty), 6 traceparent, 7 now, 8 group, 9 entry,
--       10 event time, 11 length and 12 retention ms of reply streams, 13 how long the removal is remembered in ms
-- Gives removed, superseded (a later command about it was taken before), unknown (there is none: the entry is left where
-- it is), or gone (it was taken already).
local commands, schedule, schedules, events, reply_stream = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local name, entry = ARGV[4], ARGV[9]

local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'order', 'workflow')
local is_listed = redis.call('ZSCORE', schedules, name)
redis.call('XLEN', events)
if not is_there then
  return 'gone'
end
local order = order_of(entry, redis_time())
local is_late = found[1] and is_older(order, found[1])
if not is_late then
  -- Also where there is none: its command may have been published before and be taken after this one.
  redis.call('HSET', schedule, 'order', order)
  redis.call('PEXPIRE', schedule, ARGV[13])
  if not is_listed then
    return 'unknown'
  end
  redis.call('ZREM', schedules, name)
  redis.call('HDEL', schedule, 'next', 'start', 'backlog')
end
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, ARGV[8], entry)

local about = {
  envelope = run_envelope(), entry = entry, time = ARGV[10], length = ARGV[11], retention = ARGV[12],
  type = 'cano.schedule.removed', data = '{}',
}
about.envelope.workflow = found[2] or ''
about.envelope.source = about.envelope.source .. about.envelope.workflow
if is_late then
  about.type, about.data = 'cano.schedule.superseded', '{"by":' .. cjson.encode(found[1]) .. '}'
end
publish_about_schedule(events, reply_stream, about)
return is_late and 'superseded' or 'removed'
