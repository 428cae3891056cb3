-- When a run begins that a script begins: when its call was made, like the event that says so, unless the call was repeated for
-- longer than that may take. Then that is too long ago to count the run's time from.
local function beginning(now)
  local call_made = tonumber(made)
  return math.abs(now - call_made) > longest_call_ms and now or call_made
end
