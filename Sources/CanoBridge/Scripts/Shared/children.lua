-- Withdrawing children that their parent needs no more; for the keys commands and control.

-- The command that cancels a child that its parent needs no more; nil where none is needed: it is left, or has not been taken.
local function child_cancel(child)
  if child.policy ~= 'cancel' or #redis.call('XRANGE', commands, child.entry, child.entry) > 0 then
    return nil
  end
  return { stream = control, 'type', 'cancel', 'id', child.run, 'reason', parent_closed }
end

-- Takes the start of a child back that no bridge has taken, and that its parent needs no more: it never runs.
local function withdraw_child(child)
  if child.policy == 'cancel' and redis.call('XDEL', commands, child.entry) == 1 then
    redis.call('XACK', commands, bridges_group, child.entry)
  end
end

-- What cancels the children among the open tasks of a run that ends, given as HGETALL gives them.
local function child_cancels(contents)
  local cancels = {}
  for at = 2, #contents, 2 do
    local child = open_child(contents[at])
    cancels[#cancels + 1] = child and child_cancel(child)
  end
  return cancels
end

-- Adds that: all, or none. It goes before whatever else the script writes.
local function cancel_children(contents)
  local cancels = child_cancels(contents)
  for place, id in ipairs(add_entries(cancels)) do
    cancels[place].entry = id
  end
  return cancels
end

-- Takes entries back that were added in this script.
local function take_back(added)
  for _, entry in ipairs(added) do
    redis.call('XDEL', entry.stream, entry.entry)
  end
end

-- Withdraws the children of a run that ends. Its open tasks go with it.
local function end_children(contents)
  for at = 2, #contents, 2 do
    local child = open_child(contents[at])
    if child then
      withdraw_child(child)
    end
  end
end
