-- What a script about several runs knows by name of the one that it is at; for the items of its list and the keys behind the named ones, five of
-- each run.
local record, log, run_store, inbox, open_tasks
local run, epoch, traceparent

-- What a caught error says, which Redis gives as a text and other servers as a table, and whether it is one of Lua: others begin with a code.
local function error_text(caught)
  local text = type(caught) == 'table' and caught.err or caught
  if string.match(text, '^%u+ ') then
    return text, false
  end
  return string.format('ERR %s', text), true
end

-- Does the same with each run: gives a list of what that answers. Where it fails for one, that is its answer, and the others are as they were.
local function for_each_run(body)
  local answers = {}
  for index = 1, tonumber(arguments[lists]) do
    local key, at = more_keys + (index - 1) * claim_keys, lists + 1 + (index - 1) * claim_width
    record, log, run_store, inbox, open_tasks = keys[key], keys[key + 1], keys[key + 2], keys[key + 3], keys[key + 4]
    run, epoch, traceparent = arguments[at + claim_run], arguments[at + claim_epoch], arguments[at + claim_traceparent]
    local is_done, answer = pcall(body)
    if not is_done then
      local text, is_of_lua = error_text(answer)
      -- What a run has at its keys, and what its record says, is its own matter; all else, such as a key on its way to another node, is of the
      -- whole call.
      if not (is_of_lua or string.find(text, 'WRONGTYPE') or string.find(text, 'exhausted')) then
        error({ err = text })
      end
      answer = { err = text }
    end
    answers[index] = answer
  end
  return answers
end
