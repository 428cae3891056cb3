#!lua
-- Lets a schedule fire: publishes a start for each due time, as any client would, and moves the schedule on. Of bridges
-- that find the same due times one does it.
--
-- KEYS  schedule, schedules, commands
-- ARGV  1 name, 2 order, 3 next and 4 backlog as they were read, 5 next and 6 backlog from now on, 7 when the run of the
--       next begins, 8 when to look again, 9 now, 10 how long one that is over is remembered in ms, 11 … the due times
-- Gives how many starts were published; moved (somebody else has fired, set or removed it); early (it is not due by Redis'
-- clock); or gone (there is none).
local schedule, schedules, commands = KEYS[1], KEYS[2], KEYS[3]
local name = ARGV[1]

local found = redis.call('HMGET', schedule, 'order', 'next', 'backlog', 'workflow', 'input', 'version', 'reply_to',
  'traceparent', 'tracestate', 'fired')
local is_listed = redis.call('ZSCORE', schedules, name)
redis.call('XLEN', commands)
if not found[4] or not is_listed then
  -- Somebody deleted its key.
  redis.call('ZREM', schedules, name)
  return 'gone'
end
if found[1] ~= ARGV[2] or (found[2] or '') ~= ARGV[3] or (found[3] or '') ~= ARGV[4] then
  return 'moved'
end
if tonumber(is_listed) > redis_time() then
  return 'early'
end

local count = #ARGV - 10
local fired = (tonumber(found[10] or '') or 0) + count
local last
for due = 11, #ARGV do
  local start = { 'type', 'start', 'workflow', found[4], 'id', name .. '@' .. ARGV[due], 'schedule', name,
    'input', found[5] or 'null' }
  for index, field in ipairs({ 'version', 'reply_to', 'traceparent', 'tracestate' }) do
    if found[5 + index] then
      start[#start + 1] = field
      start[#start + 1] = found[5 + index]
    end
  end
  -- At most nine pairs.
  last = redis.call('XADD', commands, '*', unpack(start))
end
if last then
  redis.call('HSET', schedule, 'last', ARGV[#ARGV], 'last_entry', last,
    'fired', number_text(fired))
end
redis.call('HDEL', schedule, 'next', 'start', 'backlog')
set_fields(schedule, { next = ARGV[5], backlog = ARGV[6], start = ARGV[7], updated = ARGV[9] })
if ARGV[5] == '' and ARGV[6] == '' then
  redis.call('ZREM', schedules, name)
  redis.call('PEXPIRE', schedule, ARGV[10])
else
  redis.call('ZADD', schedules, ARGV[8], name)
end
return count
