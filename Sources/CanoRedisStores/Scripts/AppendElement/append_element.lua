#!lua
-- Appends an element to a list in a shared store at once, outside of any run: a list of one write.
--
-- Answers ok, or why it cannot be done.
local changes, refusal = plan_shared_writes(lists)
if refusal then
  return refusal
end
write_changes(changes)
return 'ok'
