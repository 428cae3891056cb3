#!lua flags=allow-oom
-- Gives up the signals of a run that has not come: each is kept, with the reason, among the dead letters.
--
-- code and message are why; ended_code and ended_message where the run is there and over.
--
-- Gives how many there were; not-due (another has come since); or gone (they were given up already, or are the run's by now).
local due = redis.call('ZSCORE', orphans, run)
local contents = redis.call('HGETALL', inbox)
local status = redis.call('HGET', record, 'status')
redis.call('XLEN', dead_letters)
if not due then
  return 'gone'
end
if status == 'running' or status == 'scheduled' or status == 'waiting' then
  redis.call('ZREM', orphans, run)
  return 'gone'
end
if tonumber(due) > redis_time() then
  return 'not-due'
end

local signals, brought = {}, {}
for at = 1, #contents, 2 do
  if is_signal(contents[at]) then
    signals[contents[at]] = contents[at + 1]
    brought[#brought + 1] = contents[at]
  end
end
table.sort(brought, is_older)
local letters = {}
for _, by in ipairs(brought) do
  local head, data = string.match(signals[by], '^{(.-),"data":(%Z*)}$')
  local letter = { stream = dead_letters, 'type', 'signal', 'id', run }
  for name, value in string.gmatch(head or '', '"([%l_]+)":"([^"]*)"') do
    letter[#letter + 1] = name
    letter[#letter + 1] = value
  end
  for _, part in ipairs({
    'data', data or signals[by], 'error_code', status and ended_code or code, 'error_message', status and ended_message or message,
    'entry', string.match(by, '/(.+)$') or '', 'bridge', bridge,
  }) do
    letter[#letter + 1] = part
  end
  letters[#letters + 1] = letter
end
add_entries(letters)
redis.call('UNLINK', inbox)
redis.call('ZREM', orphans, run)
return #letters
