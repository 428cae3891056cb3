-- Answering commands whose run is known already.

-- Says in an event that the run of a command is known, and answers its requester with the same, who has the terminal event too while
-- there is room among the run's reply names. It goes before whatever else the script writes.
local function answer_duplicate(record, answer)
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
  local sequence = padded(run[6])
  local id = answer.subject .. '/duplicate/' .. command_id
  local event = { event_fields(envelope, id, 'cano.run.duplicate', answer.time, sequence, fill(duplicate_template, holes)) }
  add_entry(events, unpack(event))
  if not answer.stream then
    return
  end
  reply(answer.stream, unpack(event))
  if run[1] == 'running' or run[1] == 'waiting' or run[1] == 'scheduled' then
    add_reply_name(record, run[9], answer.name)
  end
end
