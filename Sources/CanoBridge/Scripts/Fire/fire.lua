#!lua
-- Lets a schedule fire that its caller has reserved: publishes a start for each due time, as any client would, and moves the schedule
-- on. Of bridges that find the same due times one does it.
--
-- order, next_before and backlog_before are what the schedule held when it was read; next, start and backlog are for from now on;
-- look_again is when to look at it next. The list: the due times.
--
-- Gives how many starts were published; moved (another bridge has fired it, or it was set or removed); or gone (there is none).
local found = redis.call('HMGET', schedule, 'order', 'next', 'backlog', 'workflow', 'input', 'version', 'reply_to', 'fired')
local is_listed = redis.call('ZSCORE', schedules, name)
redis.call('XLEN', commands)
if not found[4] or not is_listed then
  -- Its key was deleted.
  redis.call('ZREM', schedules, name)
  return 'gone'
end
if found[1] ~= order or (found[2] or '') ~= next_before or (found[3] or '') ~= backlog_before then
  return 'moved'
end

local count = tonumber(arguments[lists])
local fired = (tonumber(found[8] or '') or 0) + count
local last
for due = lists + 1, lists + count do
  local command = { 'type', 'start', 'workflow', found[4], 'id', name .. '@' .. arguments[due], 'schedule', name,
    'input', found[5] or 'null' }
  -- Without the schedule's trace: in one of its own each run can be followed, and no trace lasts for years.
  for index, field in ipairs({ 'version', 'reply_to' }) do
    if found[5 + index] then
      command[#command + 1] = field
      command[#command + 1] = found[5 + index]
    end
  end
  -- At most seven pairs.
  last = redis.call('XADD', commands, '*', unpack(command))
end
if last then
  redis.call('HSET', schedule, 'last', arguments[lists + count], 'last_entry', last, 'fired', number_text(fired))
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
