#!lua flags=allow-oom
-- Carries out a cancel command: a run that is to start later is cancelled at once, one that is under way is told through
-- its record, and for a run that has no record the cancellation is remembered, should its start come later.
--
-- Behind the keys: the requester's reply stream, if reply_name is not empty, then the reply streams of reply_names in their order.
--
-- Gives asked and the reason (its owner is to be told), cancelled, duplicate (it is over), unknown (the entry is left where it is, and
-- the cancellation is remembered for the retention), gone (it was taken already), or replies and the names the record holds: send it
-- again with their streams.
local own_reply = reply_name ~= '' and keys[more_keys] or nil
local first_reply = own_reply and more_keys + 1 or more_keys

local command = redis.call('XRANGE', commands, entry, entry)[1]
local found = redis.call('HMGET', record, 'status', 'workflow', 'state', 'events', 'bridge', 'reply_to', 'traceparent', 'cancel')
redis.call('XLEN', events)
redis.call('ZCARD', timers)
redis.call('GET', cancellation)
if not command then
  return 'gone'
end
if found[1] == 'scheduled' and (found[6] or '') ~= reply_names then
  return { 'replies', found[6] or '' }
end
if not found[1] then
  redis.call('SET', cancellation, reason, 'PX', retention_ms)
  return 'unknown'
end
-- Nothing that follows may fail, whatever the record holds: the entry is gone.
local number = (tonumber(found[4] or '') or 0) + 1
local sequence, workflow = padded(number), found[2] or ''
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, group, entry)

if found[1] == 'scheduled' then
  local envelope = {
    bridge = found[5] or bridge, epoch = '0', source = source_prefix .. workflow, subject = run, workflow = workflow,
    traceparent = found[7] or '',
  }
  redis.call('HSET', record, 'status', 'cancelled', 'cancel', reason, 'rollback', 'none',
    'events', number_text(number), 'updated', made, 'finished', made)
  redis.call('ZREM', timers, run)
  redis.call('PEXPIRE', record, retention_ms)
  local data = fill(cancelled_template, { state = quoted(found[3] or ''), reason = quoted(reason) })
  local id = run .. '/' .. sequence
  redis.call('XADD', events, '*', event_fields(envelope, id, 'cano.run.cancelled', time, sequence, data))
  local is_listed = false
  for stream = first_reply, #keys do
    is_listed = is_listed or keys[stream] == own_reply
    reply(keys[stream], event_fields(envelope, id, 'cano.run.cancelled', time, sequence, data))
  end
  if own_reply and not is_listed then
    reply(own_reply, event_fields(envelope, id, 'cano.run.cancelled', time, sequence, data))
  end
  return 'cancelled'
end

-- The first reason counts.
local kept = found[8] or reason
if found[1] == 'running' then
  redis.call('HSET', record, 'cancel', kept)
end
answer_duplicate(record, {
  stream = own_reply, name = reply_name, is_start = false, entry = entry, subject = run, bridge = bridge, time = time,
  source_prefix = source_prefix,
})
return found[1] == 'running' and { 'asked', kept } or 'duplicate'
