#!lua
-- Takes over one run: whose lease expired (its bridge is dead), was handed back (0), that was to start later and is due, or that waits and
-- has waited long enough. A run that was taken over again and again without coming a step further is quarantined instead.
--
-- Behind the keys: the reply streams of reply_names in their order, then the keys of the queues that its tasks are on. epoch is one more than the record's; may_take_over says
-- whether an expired lease may be taken for its owner's death; version, state, row and started_template are for a run that begins.
--
-- Gives claimed, how (takeover, handback, timer, wait or again), and the run: record, log, store, inbox, open tasks, each flat;
-- quarantined; expired (it was to start until then, and is cancelled); gone (another bridge has it, it is over, or it was listed where it
-- does not belong); not-due; or replies and the names the record holds, queues and the names of those that its tasks are on, or parent and the
-- workflow and version of that: send it again with their keys.
local found = redis.call('HMGET', record, 'status', 'epoch', 'bridge', 'recoveries', 'events', 'rows', 'state',
  'reply_to', 'expires_at', 'started', 'timeout_ms', 'input', 'signals', 'attributes')
local status, seen_epoch, previous = found[1], found[2], found[3]
local lease = redis.call('ZSCORE', leases, run)
redis.call('LLEN', log)
redis.call('HLEN', run_store)
redis.call('HLEN', inbox)
redis.call('HLEN', open_tasks)
local waits_until
if status == 'waiting' then
  waits_until = redis.call('ZSCORE', waits, run)
end
local now = redis_time()

if status == 'running' and seen_epoch == epoch and previous == bridge then
  return claimed('again')
end
if not status or status ~= 'running' and status ~= 'scheduled' and status ~= 'waiting' then
  -- Nothing is left to be claimed, whatever is still listed.
  redis.call('ZREM', leases, run)
  redis.pcall('ZREM', timers, run)
  redis.pcall('ZREM', waits, run)
  return 'gone'
end
if status ~= 'waiting' and type(redis.pcall('ZSCORE', waits, run)) == 'string' then
  -- It is looked for elsewhere.
  redis.call('ZREM', waits, run)
  return 'gone'
end
if tonumber(seen_epoch) + 1 ~= tonumber(epoch) then
  return 'gone'
end

if status == 'waiting' then
  -- One that is not listed any more is looked at: the list was lost, not the run.
  if waits_until and tonumber(waits_until) > now then
    redis.call('ZREM', leases, run)
    return lease and 'gone' or 'not-due'
  end
  wake(number_text(now + tonumber(lease_ms)), 'epoch', epoch, 'bridge', bridge, 'updated', made)
  return claimed('wait')
end
local sequence = padded(tonumber(found[5]) + 1)
local events_after = number_text(tonumber(found[5]) + 1)
local envelope = run_envelope()

local first_queue = more_keys
for _ in string.gmatch(reply_names, '[^,]+') do
  first_queue = first_queue + 1
end

-- Ends the run; other entries are added before its event, such as the letter that is kept with the dead ones.
local function ends(status_after, event_type, data, fields, letter, cancels)
  if (found[8] or '') ~= reply_names then
    return { 'replies', found[8] or '' }
  end
  envelope.epoch, envelope.bridge = seen_epoch, previous
  local event = { event_fields(envelope, run .. '/' .. sequence, event_type, time, sequence, data) }
  event.stream = events
  local added = { letter or nil }
  for _, cancel in ipairs(cancels or {}) do
    added[#added + 1] = cancel
  end
  added[#added + 1] = event
  add_entries(added)
  redis.call('HSET', record, 'status', status_after, 'events', events_after, 'updated', made, 'finished', made)
  set_fields(record, fields)
  redis.call('ZREM', status == 'scheduled' and timers or leases, run)
  for stream = more_keys, first_queue - 1 do
    reply(keys[stream], unpack(event))
  end
end

if status == 'scheduled' then
  local due = redis.call('ZSCORE', timers, run)
  if due and tonumber(due) > now then
    return 'not-due'
  end
  if found[9] and tonumber(found[9]) <= now then
    local refusal = ends('cancelled', 'cano.run.cancelled',
      fill(cancelled_template, { state = quoted(found[7] or ''), reason = quoted('expired'), unread_signals = found[13] or nil }),
      { cancel = 'expired', rollback = 'none' })
    if refusal then
      return refusal
    end
    redis.call('UNLINK', inbox)
    redis.call('HDEL', record, 'signals')
    redis.call('PEXPIRE', record, retention_ms)
    return 'expired'
  end
  local input = found[12] or 'null'
  add_entry(events, event_fields(envelope, run .. '/' .. sequence, 'cano.run.started', time, sequence,
    fill(started_template, { input = #input <= inline_input_bytes and input or nil, attributes = found[14] or nil })))
  redis.call('HSET', record, 'status', 'running', 'version', version, 'state', state, 'epoch', epoch, 'bridge', bridge,
    'events', events_after, 'rows', '1', 'started', number_text(beginning(now)), 'updated', made)
  if found[11] then
    redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(found[11])))
  end
  redis.call('UNLINK', log, run_store, open_tasks)
  redis.call('RPUSH', log, row)
  redis.call('ZREM', timers, run)
  redis.call('ZADD', leases, number_text(now + tonumber(lease_ms)), run)
  return claimed('timer')
end

-- Without a lease no bridge has it: the list was lost, not the run.
local score = lease and tonumber(lease) or 1
if score > now then
  return 'not-due'
end
local how, recoveries = 'handback', tonumber(found[4])
if score > 0 then
  if may_take_over ~= '1' then
    return 'not-due'
  end
  how = 'takeover'
  if recoveries >= most_takeovers then
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
    local answers = found[13] and answers_left(redis.call('HKEYS', inbox), {}) or {}
    local unread = (tonumber(found[13] or '') or 0) - #answers
    local holes = {
      state = quoted(found[7] or ''), duration_ms = number_text(math.max(0, tonumber(made) - tonumber(found[10] or made))),
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
  end
  recoveries = recoveries + 1
end
publish_resumed(sequence, { state = found[7], rows = found[6], previous = previous, recoveries = recoveries, by = how })
redis.call('HSET', record, 'epoch', epoch, 'bridge', bridge, 'recoveries', number_text(recoveries), 'events', events_after,
  'updated', made)
redis.call('ZADD', leases, number_text(now + tonumber(lease_ms)), run)
return claimed(how)
