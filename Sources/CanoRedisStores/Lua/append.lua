#!lua
-- Adds to shared stores at once, outside of any run.
--
-- KEYS  the stores
-- ARGV  the writes
-- Gives ok, or why it cannot be done.
local changes, refusal = plan_shared_writes(1)
if refusal then
  return refusal
end
write_changes(changes)
return 'ok'
