-- The signals of a run that no step has consumed yet. An inbox is a hash: the command that brought a signal → the signal, a JSON object
-- that begins with its name; and = with the id of a message → the command that brought it, for those that are remembered. The answers to
-- tasks are signals that no user has sent: no limit counts them, and no reader misses them.

-- Whether a field of an inbox is a signal, and no message that is remembered.
local function is_signal(field)
  return string.sub(field, 1, 1) ~= '='
end

-- Whether a field is the answer to a task: it begins with the stream that brings them.
local function is_answer(field)
  return string.sub(field, 1, #answer_prefix) == answer_prefix
end

-- The answers among the fields of an inbox, but for those that are keys of the table.
local function answers_left(fields, consumed)
  local left = {}
  for _, field in ipairs(fields) do
    if is_answer(field) and not consumed[field] then
      left[#left + 1] = field
    end
  end
  return left
end
