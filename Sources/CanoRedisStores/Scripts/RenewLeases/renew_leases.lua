#!lua flags=allow-oom
-- Extends the leases of its caller's runs: the keys, with a list of their epochs in the same order.
--
-- Answers the positions, from 1, of the runs that are not the caller's.
local lost = {}
for position, run in ipairs(keys) do
  -- A key of another type is lost; the others are renewed all the same.
  local found = redis.pcall('HMGET', run, 'owner', 'epoch')
  if is_owner(found, owner, arguments[lists + position]) then
    extend_lease(run, lease_ms)
  else
    lost[#lost + 1] = position
  end
end
return lost
