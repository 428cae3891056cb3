-- The ids of entries: milliseconds and a count; what stands before them does not matter.

-- Whether one entry was published before another; false where one of them is no entry id.
local function is_older(one, other)
  local one_time, one_count = string.match(one or '', '(%d+)-(%d+)$')
  local other_time, other_count = string.match(other or '', '(%d+)-(%d+)$')
  if not one_time or not other_time then
    return false
  end
  if tonumber(one_time) ~= tonumber(other_time) then
    return tonumber(one_time) < tonumber(other_time)
  end
  -- A count has up to twenty digits, more than a number here can hold.
  return #one_count < #other_count or #one_count == #other_count and one_count < other_count
end
