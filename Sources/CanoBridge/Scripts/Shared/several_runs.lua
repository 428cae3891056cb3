-- What a script about several runs knows by name of the one that it is at; for the items of its list and the keys behind the named ones, five of
-- each run.
local record, log, run_store, inbox, open_tasks
local run, epoch, traceparent

-- Does the same with each run: gives a list of what that answers. Where it fails for one, that is its answer, and the others are as they were. But
-- where keys are on their way to another node, all of it is to be sent again.
local function for_each_run(body)
  local answers = {}
  for index = 1, tonumber(arguments[lists]) do
    local key, at = more_keys + (index - 1) * claim_keys, lists + 1 + (index - 1) * claim_width
    record, log, run_store, inbox, open_tasks = keys[key], keys[key + 1], keys[key + 2], keys[key + 3], keys[key + 4]
    run, epoch, traceparent = arguments[at + claim_run], arguments[at + claim_epoch], arguments[at + claim_traceparent]
    local is_done, answer = pcall(body)
    if not is_done then
      answer = type(answer) == 'table' and answer or { err = string.format('ERR %s', answer) }
      if string.find(answer.err, non_local_key, 1, true) then
        error(answer)
      end
    end
    answers[index] = answer
  end
  return answers
end
