#!lua
-- Writes the first row of a run nobody has a log of, which makes it its caller's.
--
-- KEYS  1 the run
-- ARGV  1 owner, 2 length of the lease in milliseconds, 3 sequence, 4 row
-- Gives {'ok', epoch}, also when it was done before; {'leased', owner}; {'taken'} when there is a log.
local run = KEYS[1]
local found = redis.call('HMGET', run, 'owner', 'lease', 'epoch', ARGV[3])
if not found[3] then
  redis.call('HSET', run, 'owner', ARGV[1], 'epoch', '1', ARGV[3], ARGV[4])
  extend_lease(run, ARGV[2])
  return { 'ok', '1' }
end
if is_leased(found) then
  return { 'leased', found[1] }
end
if found[1] == ARGV[1] and found[4] == ARGV[4] then
  extend_lease(run, ARGV[2])
  return { 'ok', found[3] }
end
return { 'taken' }
