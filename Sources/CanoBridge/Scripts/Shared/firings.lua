-- The start that one firing of a schedule publishes, as any client would.

-- Which fields of a schedule its starts have as they are.
local firing_fields = { 'workflow', 'input', 'version', 'reply_to', 'attributes' }

-- The start of that run, as add_entries takes it. found has the values of firing_fields.
local function firing(stream, name, id, found)
  local command = { stream = stream, 'type', 'start', 'workflow', found[1], 'id', id, 'schedule', name, 'input', found[2] or 'null' }
  -- Without the schedule's trace: in one of its own each run can be followed, and no trace lasts for years.
  for index = 3, #firing_fields do
    if found[index] then
      command[#command + 1] = firing_fields[index]
      command[#command + 1] = found[index]
    end
  end
  return command
end
