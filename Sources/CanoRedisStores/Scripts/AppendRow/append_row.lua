#!lua
-- Adds a row to the log of its caller's run, and removes the row it replaces, if any.
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
    redis.call('HDEL', run, replaced)
  end
end
extend_lease(run, lease_ms)
return there and 'again' or 'ok'
