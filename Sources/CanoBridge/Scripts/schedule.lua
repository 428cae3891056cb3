#!lua
-- Takes a command that sets a schedule, new or in the place of the one of that name. Where it is due at the same times as
-- before, it goes on with them; else it begins anew.
--
-- KEYS  commands or control, schedule, schedules, events [, reply stream]
-- ARGV  1 bridge, 2 epoch (0), 3 source, 4 name, 5 workflow, 6 traceparent, 7 now, 8 group, 9 entry, 10 event time,
--       11 length and 12 retention ms of reply streams, 13 the next due time, 14 when its run begins, 15 … pairs of a
--       field of the schedule and its value, '' for none; those that say when it is due come first, four of them
-- Gives set, superseded (a later command about it was taken before), or gone (it was taken already).
local commands, schedule, schedules, events, reply_stream = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local name, entry = ARGV[4], ARGV[9]
local first_field, timing_fields = 15, 4

local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'order', 'next')
local is_listed = redis.call('ZSCORE', schedules, name)
local is_due_as_before = is_listed and true or false
for field = first_field, first_field + 2 * timing_fields - 1, 2 do
  is_due_as_before = is_due_as_before and (redis.call('HGET', schedule, ARGV[field]) or '') == ARGV[field + 1]
end
redis.call('XLEN', events)
if not is_there then
  return 'gone'
end
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, ARGV[8], entry)

local about = {
  envelope = run_envelope(), entry = entry, time = ARGV[10], length = ARGV[11], retention = ARGV[12],
}
local order = order_of(entry, redis_time())
if found[1] and is_older(order, found[1]) then
  about.type, about.data = 'cano.schedule.superseded', '{"by":' .. cjson.encode(found[1]) .. '}'
  publish_about_schedule(events, reply_stream, about)
  return 'superseded'
end

for field = first_field, #ARGV, 2 do
  if ARGV[field + 1] == '' then
    redis.call('HDEL', schedule, ARGV[field])
  else
    redis.call('HSET', schedule, ARGV[field], ARGV[field + 1])
  end
end
redis.call('HSET', schedule, 'order', order, 'entry', entry, 'updated', ARGV[7])
redis.call('PERSIST', schedule)
local next_due = found[2] or ''
if not is_due_as_before then
  next_due = ARGV[13]
  redis.call('HDEL', schedule, 'backlog')
  redis.call('HSET', schedule, 'created', ARGV[7], 'anchor', ARGV[7], 'next', ARGV[13], 'start', ARGV[14])
  redis.call('ZADD', schedules, ARGV[14], name)
end
about.type = 'cano.schedule.set'
about.data = '{"next":' .. (next_due == '' and 'null' or next_due) .. ',"replaced":' .. tostring(is_listed and true or false) .. '}'
publish_about_schedule(events, reply_stream, about)
return 'set'
