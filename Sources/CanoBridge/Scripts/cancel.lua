#!lua flags=allow-oom
-- Carries out a cancel command: a run that is to start later is cancelled at once, one that is under way is told through
-- its record, and for one nobody knows the cancellation is remembered, should its start come later.
--
-- KEYS  control or commands, record, remembered cancellation, events, timers [, the requester's reply stream]
--       [, reply streams in the order of the record's names]
-- ARGV  1 bridge, 2 source prefix, 3 run id, 4 now, 5 group, 6 entry, 7 reason, 8 event time, 9 reply name or '',
--       10 reply names of the record, 11 length and 12 retention ms of reply streams, 13 retention ms of records
-- Gives asked and the reason (its owner is to be told), cancelled, duplicate (it is over), unknown (the entry is left where it is), gone
-- (it was taken already), or replies and the names the record holds: send it again with their streams.
local commands, record, cancellation, events, timers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local run, entry, reason, name = ARGV[3], ARGV[6], ARGV[7], ARGV[9]
local own_reply = name ~= '' and KEYS[6] or nil
local first_reply = own_reply and 7 or 6

local command = redis.call('XRANGE', commands, entry, entry)[1]
local found = redis.call('HMGET', record, 'status', 'workflow', 'state', 'events', 'bridge', 'reply_to', 'traceparent', 'cancel')
redis.call('XLEN', events)
redis.call('ZCARD', timers)
redis.call('GET', cancellation)
if not command then
  return 'gone'
end
if found[1] == 'scheduled' and (found[6] or '') ~= ARGV[10] then
  return { 'replies', found[6] or '' }
end
if not found[1] then
  redis.call('SET', cancellation, reason, 'PX', ARGV[13])
  return 'unknown'
end
-- Nothing that follows may fail, whatever the record holds: the entry is gone.
local number = (tonumber(found[4] or '') or 0) + 1
local sequence, workflow = padded(number), found[2] or ''
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, ARGV[5], entry)

if found[1] == 'scheduled' then
  local envelope = {
    bridge = found[5] or ARGV[1], epoch = '0', source = ARGV[2] .. workflow, subject = run, workflow = workflow,
    traceparent = found[7] or '',
  }
  redis.call('HSET', record, 'status', 'cancelled', 'cancel', reason, 'rollback', 'none',
    'events', number_text(number), 'updated', ARGV[4], 'finished', ARGV[4])
  redis.call('ZREM', timers, run)
  redis.call('PEXPIRE', record, ARGV[13])
  local data = cancelled_data(found[3], reason)
  local id = run .. '/' .. sequence
  redis.call('XADD', events, '*', event_fields(envelope, id, 'cano.run.cancelled', ARGV[8], sequence, data))
  local is_listed = false
  for stream = first_reply, #KEYS do
    is_listed = is_listed or KEYS[stream] == own_reply
    reply(KEYS[stream], ARGV[11], ARGV[12], event_fields(envelope, id, 'cano.run.cancelled', ARGV[8], sequence, data))
  end
  if own_reply and not is_listed then
    reply(own_reply, ARGV[11], ARGV[12], event_fields(envelope, id, 'cano.run.cancelled', ARGV[8], sequence, data))
  end
  return 'cancelled'
end

-- The first reason counts.
local kept = found[8] or reason
if found[1] == 'running' then
  redis.call('HSET', record, 'cancel', kept)
end
answer_duplicate(record, {
  stream = own_reply, name = name, is_start = false, entry = entry, subject = run, bridge = ARGV[1], time = ARGV[8],
  source_prefix = ARGV[2], length = ARGV[11], retention = ARGV[12],
})
return found[1] == 'running' and { 'asked', kept } or 'duplicate'
