#!lua
-- Adds a row to the log of its caller's run, and removes the one it replaces.
--
-- KEYS  1 the run
-- ARGV  1 owner, 2 epoch, 3 length of the lease in milliseconds, 4 sequence, 5 row, 6 sequence of the replaced row or
--       nothing
-- Gives ok, also when the row is there; taken when another one is, be it only of another drive, whose number is in the row;
-- lost when the run is somebody else's.
local run = KEYS[1]
if not is_owned(run) then
  return 'lost'
end
local there = redis.call('HGET', run, ARGV[4])
if there and there ~= ARGV[5] then
  return 'taken'
end
redis.call('HSET', run, ARGV[4], ARGV[5])
if ARGV[6] ~= '' then
  redis.call('HDEL', run, ARGV[6])
end
extend_lease(run, ARGV[3])
return 'ok'
