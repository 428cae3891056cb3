#!lua
-- Makes a run its caller's, unless it has no log or somebody else's lease is not over, and gives its log.
--
-- KEYS  1 the run
-- ARGV  1 owner, 2 length of the lease in milliseconds
-- Gives {'none'}, {'leased', owner}, or {'ok', epoch, fields and values of the run …}. An owner keeps its epoch.
local run = KEYS[1]
local found = redis.call('HMGET', run, 'owner', 'lease', 'epoch')
if not found[3] then
  return { 'none' }
end
if is_leased(found) then
  return { 'leased', found[1] }
end
if found[1] ~= ARGV[1] then
  redis.call('HSET', run, 'owner', ARGV[1], 'epoch', string.format('%.0f', tonumber(found[3]) + 1))
end
extend_lease(run, ARGV[2])
return { 'ok', redis.call('HGET', run, 'epoch'), redis.call('HGETALL', run) }
