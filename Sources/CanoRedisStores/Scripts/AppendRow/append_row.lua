#!lua
-- Adds a row to the log of its caller's run, and removes the rows from the one it replaces on, if any.
--
-- Answers ok; again when the row is there already; taken when another row is there, which may differ only in the number of the
-- execution that wrote it; lost when the run is not the caller's.
if not is_owned(run, owner, epoch) then
  return 'lost'
end
local there = redis.call('HGET', run, sequence)
if there and there ~= row then
  return 'taken'
end
if not there then
  redis.call('HSET', run, sequence, row)
  if replaced ~= '' then
    for number = tonumber(replaced), tonumber(sequence) - 1 do
      redis.call('HDEL', run, string.format('%.0f', number))
    end
  end
end
extend_lease(run, lease_ms)
return there and 'again' or 'ok'
