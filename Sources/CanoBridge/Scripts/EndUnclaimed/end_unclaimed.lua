#!lua
-- Ends a run that no bridge has and none is to claim: one that was taken over again and again without coming a step further is quarantined, and
-- one that was to start until a moment that has passed is cancelled.
--
-- Behind the keys: the reply streams of reply_names in their order, then the keys of the queues that its tasks are on. epoch is one more than the
-- record's; may_take_over says whether an expired lease may be taken for its owner's death.
--
-- Gives quarantined; expired; gone (another bridge has it, or it is over); not-due (it is to go on, now or later); or replies and the names the
-- record holds, queues and the names of those that its tasks are on, or parent and the workflow and version of that: send it again with their
-- keys.
local found = redis.call('HMGET', record, 'status', 'epoch', 'bridge', 'recoveries', 'events', 'state', 'reply_to', 'expires_at',
  'started', 'signals')
local status, seen_epoch, previous = found[1], found[2], found[3]
local list = status == 'scheduled' and timers or leases
local listed = redis.call('ZSCORE', list, run)
redis.call('HLEN', inbox)
redis.call('HLEN', open_tasks)
local now = redis_time()

if status ~= 'running' and status ~= 'scheduled' or tonumber(seen_epoch) + 1 ~= tonumber(epoch) then
  return 'gone'
end
local sequence = padded(tonumber(found[5]) + 1)
local first_queue = more_keys
for _ in string.gmatch(reply_names, '[^,]+') do
  first_queue = first_queue + 1
end

-- Ends the run; other entries are added before its event, such as the letter that is kept with the dead ones.
local function ends(status_after, event_type, data, fields, letter, cancels)
  if (found[7] or '') ~= reply_names then
    return { 'replies', found[7] or '' }
  end
  local envelope = run_envelope()
  envelope.epoch, envelope.bridge = seen_epoch, previous
  local event = { event_fields(envelope, run .. '/' .. sequence, event_type, time, sequence, data) }
  event.stream = events
  local added = { letter or nil }
  for _, cancel in ipairs(cancels or {}) do
    added[#added + 1] = cancel
  end
  added[#added + 1] = event
  add_entries(added)
  redis.call('HSET', record, 'status', status_after, 'events', number_text(tonumber(found[5]) + 1), 'updated', made, 'finished', made)
  set_fields(record, fields)
  redis.call('ZREM', list, run)
  for stream = more_keys, first_queue - 1 do
    reply(keys[stream], unpack(event))
  end
end

if status == 'scheduled' then
  if listed and tonumber(listed) > now or not found[8] or tonumber(found[8]) > now then
    return 'not-due'
  end
  local refusal = ends('cancelled', 'cano.run.cancelled',
    fill(cancelled_template, { state = quoted(found[6] or ''), reason = quoted('expired'), unread_signals = found[10] or nil }),
    { cancel = 'expired', rollback = 'none' })
  if refusal then
    return refusal
  end
  redis.call('UNLINK', inbox)
  redis.call('HDEL', record, 'signals')
  redis.call('PEXPIRE', record, retention_ms)
  return 'expired'
end

-- Without a lease no bridge has it: the list was lost, not the run.
local score = listed and tonumber(listed) or 1
if score > now or score == 0 or may_take_over ~= '1' or tonumber(found[4]) < most_takeovers then
  return 'not-due'
end
redis.call('ZCARD', deadlines)
local tasks = redis.call('HGETALL', open_tasks)
local known_queues = queues_at(task_queues, first_queue)
local queues = missing_queues(tasks, known_queues)
if queues then
  return { 'queues', queues }
end
local parent = find_parent(lists)
if parent and parent.is_moved then
  return place_of(parent)
end
redis.call('XLEN', commands)
redis.call('XLEN', control)
redis.call('ZCARD', failed)
local answers = found[10] and answers_left(redis.call('HKEYS', inbox), {}) or {}
local unread = (tonumber(found[10] or '') or 0) - #answers
local holes = {
  state = quoted(found[6] or ''), duration_ms = number_text(math.max(0, tonumber(made) - tonumber(found[9] or made))),
  unread_signals = unread > 0 and number_text(unread) or nil,
}
local about = redis.call('HMGET', record, 'workflow', 'version', 'input', 'reply_to', 'entry')
redis.call('XLEN', events)
local letter = {
  stream = dead_letters, 'type', 'start', 'workflow', about[1] or '', 'version', about[2] or '', 'id', run,
  'input', about[3] or 'null',
}
-- A start has one name to answer to.
local name = string.match(about[4] or '', '[^,]+')
if name then
  letter[#letter + 1] = 'reply_to'
  letter[#letter + 1] = name
end
for _, part in ipairs({
  'error_code', 'poison', 'error_message', poison_message, 'entry', about[5] or '', 'bridge', previous,
}) do
  letter[#letter + 1] = part
end
local refusal = ends('failed', 'cano.run.failed', fill(poison_template, holes),
  { error = fill(poison_error, holes), rollback = 'none', resumable = '1' }, letter, child_cancels(tasks))
if refusal then
  return refusal
end
redis.call('ZADD', failed, made, run)
end_children(tasks)
end_tasks(tasks, known_queues)
if parent then
  tell_parent(parent)
end
for _, answer in ipairs(answers) do
  redis.call('HDEL', inbox, answer)
end
if unread > 0 then
  redis.call('HSET', record, 'signals', number_text(unread))
else
  redis.call('HDEL', record, 'signals')
end
return 'quarantined'
