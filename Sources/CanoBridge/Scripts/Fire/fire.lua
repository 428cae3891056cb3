#!lua
-- Lets a schedule fire that its caller has reserved: publishes a start for each due time, as any client would, and moves the schedule
-- on. Of bridges that find the same due times one does it.
--
-- order, next_before, backlog_before and last_before are what the schedule held when it was read; next, start and backlog are for from now
-- on; look_again is when to look at it next. The lists: the due times, and those that are left out because the last run is not over.
--
-- Gives how many starts were published; moved (another bridge has fired it, or it was set, removed, paused or run); or gone (there is none).
local found = redis.call('HMGET', schedule, 'order', 'next', 'backlog', 'last_entry', 'paused', 'fired', 'skipped')
local said = redis.call('HMGET', schedule, unpack(firing_fields))
local is_listed = redis.call('ZSCORE', schedules, name)
redis.call('XLEN', commands)
if not said[1] or not is_listed then
  -- Its key was deleted.
  redis.call('ZREM', schedules, name)
  return 'gone'
end
if found[1] ~= order or (found[2] or '') ~= next_before or (found[3] or '') ~= backlog_before
  or (found[4] or '') ~= last_before or found[5] then
  return 'moved'
end

local count = tonumber(arguments[lists])
local fired = (tonumber(found[6] or '') or 0) + count
local after_due = lists + 1 + count
local entries, left_out = {}, tonumber(arguments[after_due])
local envelope = {
  bridge = bridge, epoch = '0', source = source, subject = name, workflow = said[1], traceparent = '',
}
for at = after_due + 1, after_due + skipped_width * left_out, skipped_width do
  local id = 'schedule/' .. name .. '/skipped/' .. arguments[at + skipped_due]
  local event = { event_fields(envelope, id, 'cano.schedule.skipped', time, '0000000000', arguments[at + skipped_data]) }
  event.stream = events
  entries[#entries + 1] = event
end
for due = lists + 1, lists + count do
  entries[#entries + 1] = firing(commands, name, name .. '@' .. arguments[due], said)
end
local ids = add_entries(entries)
if count > 0 then
  redis.call('HSET', schedule, 'last', arguments[lists + count],
    'last_run', name .. '@' .. arguments[lists + count], 'last_entry', ids[#ids], 'fired', number_text(fired))
end
if left_out > 0 then
  redis.call('HSET', schedule, 'skipped', number_text((tonumber(found[7] or '') or 0) + left_out))
end
redis.call('HDEL', schedule, 'next', 'start', 'backlog')
set_fields(schedule, { next = next_due, backlog = backlog, start = start, updated = made })
if next_due == '' and backlog == '' then
  redis.call('ZREM', schedules, name)
  redis.call('PEXPIRE', schedule, retention_ms)
else
  redis.call('ZADD', schedules, look_again, name)
end
return count
