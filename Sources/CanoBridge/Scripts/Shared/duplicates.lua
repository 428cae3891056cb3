-- Answering commands whose run is known already.

-- Answers a command whose run is known, and lets its requester have the terminal event too while there is room among the
-- run's reply names. The entry was consumed before, so nothing here may fail, whatever the record holds.
local function answer_duplicate(record, answer)
  if not answer.stream then
    return
  end
  local run = redis.call('HMGET', record, 'status', 'workflow', 'input', 'output', 'error', 'events', 'epoch', 'bridge',
    'reply_to', 'traceparent')
  local workflow = run[2] or ''
  local holes = { status = quoted(run[1]) }
  if answer.is_start then
    holes.same_workflow = tostring(run[2] == answer.workflow)
    holes.same_input = tostring(run[3] == answer.input)
  end
  if run[4] and #run[4] <= inline_output_bytes then
    holes.output = run[4]
  elseif run[5] then
    holes.error = run[5]
  end
  local envelope = {
    source = answer.source_prefix .. workflow, subject = answer.subject, workflow = workflow, epoch = run[7] or '0',
    bridge = run[8] or answer.bridge, traceparent = run[10] or '',
  }
  reply(answer.stream, event_fields(envelope, answer.subject .. '/duplicate/' .. answer.entry, 'cano.run.duplicate',
    answer.time, padded(run[6]), fill(duplicate_template, holes)))
  if run[1] == 'running' or run[1] == 'scheduled' then
    add_reply_name(record, run[9], answer.name)
  end
end
