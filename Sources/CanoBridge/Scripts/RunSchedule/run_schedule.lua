#!lua
-- Lets a schedule start one run more, now. When it is due next stays as it is, also where it is paused.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. run is the schedule's name; last_before is the entry of its last start
-- when it was read, which is how the caller knows that that run is over; id is that of the run; data is what is said of it.
--
-- Gives ran, moved (it has started another run since it was read: nothing was written), unknown (there is none: the entry is left where it is),
-- or gone (it was taken already).
local is_there = #redis.call('XRANGE', commands, entry, entry) > 0
local found = redis.call('HMGET', schedule, 'last_entry', 'fired')
local said = redis.call('HMGET', schedule, unpack(firing_fields))
local is_listed = redis.call('ZSCORE', schedules, run)
redis.call('XLEN', starts)
if not is_there then
  return 'gone'
end
if not is_listed or not said[1] then
  return 'unknown'
end
if (found[1] or '') ~= last_before then
  return 'moved'
end
local fired = (tonumber(found[2] or '') or 0) + 1
local started = answer_schedule_command(schedule_envelope(said[1]), 'cano.schedule.ran', data, firing(starts, run, id, said))
redis.call('HSET', schedule, 'last_run', id, 'last_entry', started, 'fired', number_text(fired), 'updated', made)
return 'ran'
