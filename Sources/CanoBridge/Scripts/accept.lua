#!lua
-- Takes a start command: the entry off the stream, the run's record, its first row, its `started` event and its lease.
-- A run that is to start later is only scheduled, one whose cancellation came first is recorded as cancelled. A run id
-- that is known is answered instead, and never runs again.
--
-- KEYS  commands, record, log, run store, events, leases, timers, remembered cancellation [, reply stream]
-- ARGV  1 bridge, 2 epoch (1), 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, 8 group, 9 entry, 10 version,
--       11 input, 12 state, 13 row, 14 reply name or '', 15 tracestate, 16 lease ms, 17 source prefix, 18 event time,
--       19 data of started, 20 length and 21 retention ms of reply streams, 22 expires_at or '', 23 not_before or '',
--       24 the time the run may take in ms or '', 25 retention ms of records, 26 the version asked for or ''
-- Gives accepted, scheduled, cancelled, duplicate, expired (it is left where it is), or gone (somebody else took the
-- entry).
local commands, record, log, store, events, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local timers, cancellation, reply_stream = KEYS[7], KEYS[8], KEYS[9]
local bridge, run, entry = ARGV[1], ARGV[4], ARGV[9]

-- Reads before the first write: a key of the wrong type fails here, with nothing written.
local found = redis.call('HMGET', record, 'status', 'entry', 'bridge', 'epoch', 'events')
local has_log = redis.call('LLEN', log) > 0
local has_store = redis.call('HLEN', store) > 0
redis.call('XLEN', events)
redis.call('ZCARD', leases)
redis.call('ZCARD', timers)
local reason = redis.call('GET', cancellation)
local now = redis_time()
if not found[1] and ARGV[22] ~= '' and tonumber(ARGV[22]) <= now then
  return 'expired'
end

if redis.call('XDEL', commands, entry) == 0 then
  if found[2] == entry and found[3] == bridge then
    -- A run that was only scheduled then, and that this bridge has started since, has a second event.
    if found[1] == 'running' and found[4] == ARGV[2] and found[5] == '1' then
      return 'accepted'
    elseif found[4] == '0' then
      return found[1]
    end
  end
  return 'gone'
end
redis.call('XACK', commands, ARGV[8], entry)

if found[1] then
  answer_duplicate(record, {
    stream = reply_stream, name = ARGV[14], is_start = true, workflow = ARGV[5], input = ARGV[11], entry = entry,
    subject = run, bridge = bridge, time = ARGV[18], source_prefix = ARGV[17], length = ARGV[20], retention = ARGV[21],
  })
  return 'duplicate'
end

-- Left behind by an earlier life of this id, whose record is gone.
if has_log then
  redis.call('UNLINK', log)
end
if has_store then
  redis.call('UNLINK', store)
end

local is_later = ARGV[23] ~= '' and tonumber(ARGV[23]) > now
local status = reason and 'cancelled' or is_later and 'scheduled' or 'running'
local is_begun = status == 'running'
redis.call('HSET', record, 'workflow', ARGV[5], 'status', status, 'state', ARGV[12], 'epoch', is_begun and ARGV[2] or '0',
  'bridge', bridge, 'entry', entry, 'events', '1', 'rows', is_begun and '1' or '0', 'recoveries', '0', 'input', ARGV[11],
  'created', ARGV[7], 'updated', ARGV[7])
set_fields(record, {
  version = is_begun and ARGV[10] or ARGV[26], reply_to = ARGV[14], expires_at = ARGV[22], not_before = ARGV[23],
  timeout_ms = ARGV[24], traceparent = ARGV[6], tracestate = ARGV[6] ~= '' and ARGV[15] or '',
})

local envelope = run_envelope()
if is_begun then
  redis.call('HSET', record, 'started', number_text(beginning(now)))
  if ARGV[24] ~= '' then
    redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(ARGV[24])))
  end
  redis.call('RPUSH', log, ARGV[13])
  redis.call('ZADD', leases, number_text(now + tonumber(ARGV[16])), run)
  redis.call('XADD', events, '*',
    event_fields(envelope, run .. '/0000000001', 'cano.run.started', ARGV[18], '0000000001', ARGV[19]))
  return 'accepted'
end

envelope.epoch = '0'
if is_later and not reason then
  redis.call('ZADD', timers, ARGV[23], run)
  redis.call('XADD', events, '*', event_fields(envelope, run .. '/0000000001', 'cano.run.scheduled', ARGV[18],
    '0000000001', '{"not_before":' .. ARGV[23] .. '}'))
  return 'scheduled'
end

redis.call('UNLINK', cancellation)
redis.call('HSET', record, 'cancel', reason, 'rollback', 'none', 'finished', ARGV[7])
redis.call('PEXPIRE', record, ARGV[25])
local data = cancelled_data(ARGV[12], reason)
redis.call('XADD', events, '*',
  event_fields(envelope, run .. '/0000000001', 'cano.run.cancelled', ARGV[18], '0000000001', data))
if reply_stream then
  reply(reply_stream, ARGV[20], ARGV[21],
    event_fields(envelope, run .. '/0000000001', 'cano.run.cancelled', ARGV[18], '0000000001', data))
end
return 'cancelled'
