#!lua
-- Writes the first row of a run that has no log, which makes the run its caller's.
--
-- Answers {'ok', epoch}, also when it was done before; {'leased', owner}; {'taken'} when there is a log.
local found = redis.call('HMGET', run, 'owner', 'lease', 'epoch', sequence)
if not found[3] then
  redis.call('HSET', run, 'owner', owner, 'epoch', '1', sequence, row)
  extend_lease(run, lease_ms)
  return { 'ok', '1' }
end
if is_leased_to_another(found, owner) then
  return { 'leased', found[1] }
end
if found[1] == owner and found[4] == row then
  extend_lease(run, lease_ms)
  return { 'ok', found[3] }
end
return { 'taken' }
