#!lua
-- Makes a run its caller's and gives its log, unless there is no log or another owner's lease is not over. An owner keeps its epoch.
--
-- Answers {'none'}, {'leased', owner}, or {'ok', epoch, fields and values of the run …}.
local found = redis.call('HMGET', run, 'owner', 'lease', 'epoch')
if not found[3] then
  return { 'none' }
end
if is_leased_to_another(found, owner) then
  return { 'leased', found[1] }
end
if found[1] ~= owner then
  redis.call('HSET', run, 'owner', owner, 'epoch', number_text(tonumber(found[3]) + 1))
end
extend_lease(run, lease_ms)
return { 'ok', redis.call('HGET', run, 'epoch'), redis.call('HGETALL', run) }
