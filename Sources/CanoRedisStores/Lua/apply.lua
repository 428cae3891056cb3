#!lua
-- Applies what a step wrote to shared stores, all of it or nothing.
--
-- KEYS  1 says that this step was applied, 2 … the stores
-- ARGV  1 how long to remember that, in milliseconds, 2 … the writes
-- Gives ok, also when the step was applied before, or why it cannot be applied.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 'ok'
end
local changes, refusal = plan_shared_writes(2)
if refusal then
  return refusal
end
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
write_changes(changes)
return 'ok'
