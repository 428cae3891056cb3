#!lua
-- Takes a command that sets a schedule, new or in the place of the one of that name. Where it is due at the same times as
-- before, it goes on with them; else, or where it was damaged, it begins anew.
--
-- KEYS  commands or control, schedule, schedules, events [, reply stream]
-- ARGV  1 bridge, 2 epoch (0), 3 source, 4 name, 5 workflow, 6 traceparent, 7 now, 8 group, 9 entry, 10 event time,
--       11 length and 12 retention ms of reply streams, 13 the next due time, '' when it would never be due, 14 when its run
--       begins, 15 how long a schedule that is over is remembered in ms, 16 … pairs of a field of the schedule and its value, ''
--       for none; those that say when it is due come first, four of them, at the third
-- Gives set, superseded (a later command about it was taken before), never (it would never be due: the entry is left where
-- it is), or gone (it was taken already).
local first_field, timing_fields, once = 16, 4, ARGV[16 + 2 * 2 + 1]

local command = schedule_command()
local is_there = #redis.call('XRANGE', command.commands, command.entry, command.entry) > 0
local found = redis.call('HMGET', command.schedule, 'order', 'next', 'last', 'start', 'anchor', 'backlog')
local is_listed = redis.call('ZSCORE', command.schedules, command.name) and true or false
local has_same_times = true
for field = first_field, first_field + 2 * timing_fields - 1, 2 do
  has_same_times = has_same_times and (redis.call('HGET', command.schedule, ARGV[field]) or '') == ARGV[field + 1]
end
redis.call('XLEN', command.events)
if not is_there then
  return 'gone'
end
if is_older(command.entry, found[1]) then
  answer_schedule_command(command, 'cano.schedule.superseded', superseded_data(found[1]))
  return 'superseded'
end
local function is_moment(text)
  local moment = tonumber(text or '')
  return moment and moment >= 0 and moment < 2 ^ 53 and true or false
end
local is_whole = is_moment(found[5]) and (not found[2] or is_moment(found[2]) and is_moment(found[4]))
  and (not found[6] or string.match(found[6], '^[%d,]+$'))
local goes_on = is_listed and has_same_times and is_whole
-- Its only moment was fired: set again, it is over as before.
local is_over = not is_listed and has_same_times and once ~= '' and found[3] == once
if ARGV[13] == '' and not goes_on and not is_over then
  return 'never'
end

for field = first_field, #ARGV, 2 do
  if ARGV[field + 1] == '' then
    redis.call('HDEL', command.schedule, ARGV[field])
  else
    redis.call('HSET', command.schedule, ARGV[field], ARGV[field + 1])
  end
end
redis.call('HSET', command.schedule, 'order', order_of(command.entry, found[1], redis_time()), 'entry', command.entry,
  'updated', ARGV[7])
local next_due = found[2] or ''
if is_over then
  redis.call('PEXPIRE', command.schedule, ARGV[15])
else
  redis.call('PERSIST', command.schedule)
end
if not goes_on and not is_over then
  next_due = ARGV[13]
  redis.call('HDEL', command.schedule, 'backlog')
  redis.call('HSET', command.schedule, 'created', ARGV[7], 'anchor', ARGV[7], 'next', ARGV[13], 'start', ARGV[14])
  redis.call('ZADD', command.schedules, ARGV[14], command.name)
end
answer_schedule_command(command, 'cano.schedule.set',
  '{"next":' .. (next_due == '' and 'null' or next_due) .. ',"replaced":' .. tostring(is_listed) .. '}')
return 'set'
