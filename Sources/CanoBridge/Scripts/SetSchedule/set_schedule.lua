#!lua
-- Takes a command that sets a schedule, new or in the place of the one of that name. Where it is due at the same times as
-- before, it goes on with them; else, or where it was damaged, it begins anew. One that is paused stays so.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. run is the schedule's name; next is its next due time and start
-- when that run begins, empty when it would never be due; latest_next is the latest that a next due time can be, unless the clock was set
-- back since; once is its only moment, if it has no more. The lists: the fields that say when it is due, and the others; an empty value
-- stands for none.
--
-- Gives set, superseded (a later command about it was taken before), never (it would never be due: the entry is left where
-- it is), or gone (it was taken already).
local timing, after_timing = lists + 1, lists + 1 + field_width * tonumber(arguments[lists])

local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'order', 'next', 'last', 'start', 'anchor', 'backlog', 'paused', 'pause_order')
local is_listed = redis.call('ZSCORE', schedules, run) and true or false
local has_same_times = true
for at = timing, after_timing - 1, field_width do
  has_same_times = has_same_times
    and (redis.call('HGET', schedule, arguments[at + field_name]) or '') == arguments[at + field_value]
end
if not is_there then
  return 'gone'
end
if is_older(entry, found[1]) then
  answer_schedule_command(run_envelope(), 'cano.schedule.superseded', fill(superseded_template, { by = quoted(found[1]) }))
  return 'superseded'
end
local function is_moment(text)
  local moment = tonumber(text or '')
  return moment and moment >= 0 and moment < 2 ^ 53 and true or false
end
local paused = is_listed and is_moment(found[7]) and found[7]
local is_whole = (found[2] or found[6] or paused) and is_moment(found[5]) and (not found[2] or is_moment(found[2]) and is_moment(found[4]))
  and (not found[6] or string.match(found[6], '^[%d,]+$'))
-- Worked out before the clock was set back: it would not come for as long.
local is_ahead = latest_next ~= '' and tonumber(found[2] or '') and tonumber(found[2]) > tonumber(latest_next)
local goes_on = is_listed and has_same_times and is_whole and not is_ahead
-- Its only moment was fired: set again, it is over as before.
local is_over = not is_listed and has_same_times and once ~= '' and found[3] == once
if next_due == '' and not goes_on and not is_over then
  return 'never'
end

local next_after = not goes_on and not is_over and not paused and next_due or found[2] or ''
answer_schedule_command(run_envelope(), 'cano.schedule.set',
  fill(set_template, { next = next_after == '' and 'null' or next_after, replaced = tostring(is_listed), paused = paused }))

local function set_all(index)
  local after = index + 1 + field_width * tonumber(arguments[index])
  for at = index + 1, after - 1, field_width do
    if arguments[at + field_value] == '' then
      redis.call('HDEL', schedule, arguments[at + field_name])
    else
      redis.call('HSET', schedule, arguments[at + field_name], arguments[at + field_value])
    end
  end
  return after
end
set_all(set_all(lists))
redis.call('HSET', schedule, 'order', order_of(found[1], redis_time()), 'entry', entry, 'updated', made)
if is_over then
  redis.call('PEXPIRE', schedule, retention_ms)
else
  redis.call('PERSIST', schedule)
end
if not is_listed then
  -- What was to pause the one before it, and is taken late, is not meant for this.
  redis.call('HSET', schedule, 'pause_order', order_of(found[8], redis_time()))
end
if not goes_on and not is_over then
  redis.call('HDEL', schedule, 'backlog')
  redis.call('HSET', schedule, 'created', made, 'anchor', made)
  if paused then
    redis.call('ZADD', schedules, '+inf', run)
  else
    redis.call('HDEL', schedule, 'paused')
    redis.call('HSET', schedule, 'next', next_due, 'start', start)
    redis.call('ZADD', schedules, start, run)
  end
end
return 'set'
