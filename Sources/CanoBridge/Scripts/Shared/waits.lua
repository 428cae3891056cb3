-- What runs wait for: a list in JSON with a list for each wait of a run, of how many signals it needs and of their names.

-- Whether one of the waits is met by what is in an inbox, given as HGETALL gives it.
local function is_met(waits, contents)
  local names = {}
  for at = 2, #contents, 2 do
    -- What stands there for a message that is remembered has no name.
    names[string.match(contents[at], '^{"name":"([%w%._/-]+)"') or ''] = true
  end
  for need, list in string.gmatch(waits, '%[(%d+)([^%[%]]*)%]') do
    local missing = tonumber(need)
    for name in string.gmatch(list, '"([^"]+)"') do
      missing = missing - (names[name] and 1 or 0)
    end
    if missing <= 0 then
      return true
    end
  end
  return false
end
