-- The children of a run, which are among its open tasks: the leg that waits for the end → the child's id, the parent's attempt, what becomes
-- of it when the parent needs it no more (cancel or leave), the entry of its start, its workflow.

local function open_child(text)
  local parts = {}
  for part in string.gmatch(text or '', '%S+') do
    parts[#parts + 1] = part
  end
  if #parts ~= 5 then
    return nil
  end
  return { run = parts[1], attempt = parts[2], policy = parts[3], entry = parts[4], workflow = parts[5] }
end
