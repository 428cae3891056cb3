#!lua
-- Applies what a step wrote to shared stores, all of it or nothing. The keys behind the mark are the stores; the list holds the writes.
--
-- Answers ok, also when the step was applied before, or why it cannot be applied.
if redis.call('EXISTS', mark) == 1 then
  return 'ok'
end
local changes, refusal = plan_shared_writes(lists)
if refusal then
  return refusal
end
redis.call('SET', mark, '', 'PX', remembered_ms)
write_changes(changes)
return 'ok'
