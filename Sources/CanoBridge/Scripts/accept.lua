#!lua
-- Takes a start command: the entry off the stream, the run's record, its first row, its `started` event and its lease.
-- A run id that is known is answered instead, and never runs again.
--
-- KEYS  commands, record, log, run store, events, leases [, reply stream]
-- ARGV  1 bridge, 2 epoch (1), 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, 8 group, 9 entry, 10 version,
--       11 input, 12 state, 13 row, 14 reply name or '', 15 tracestate, 16 lease ms, 17 source prefix, 18 event time,
--       19 data of started, 20 length and 21 retention ms of reply streams, 22 expires_at or ''
-- Gives accepted, duplicate, expired (it is left where it is), or gone (somebody else took the entry).
local commands, record, log, store, events, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local bridge, run, entry = ARGV[1], ARGV[4], ARGV[9]

-- Reads before the first write: a key of the wrong type fails here, with nothing written.
local found = redis.call('HMGET', record, 'status', 'entry', 'bridge', 'epoch')
local has_log = redis.call('LLEN', log) > 0
local has_store = redis.call('HLEN', store) > 0
redis.call('XLEN', events)
redis.call('ZCARD', leases)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not found[1] and ARGV[22] ~= '' and tonumber(ARGV[22]) <= now then
  return 'expired'
end

if redis.call('XDEL', commands, entry) == 0 then
  if found[2] == entry and found[3] == bridge and found[4] == ARGV[2] and found[1] == 'running' then
    return 'accepted'
  end
  return 'gone'
end
redis.call('XACK', commands, ARGV[8], entry)

if found[1] then
  answer_duplicate(record, {
    stream = KEYS[7], name = ARGV[14], is_start = true, workflow = ARGV[5], input = ARGV[11], entry = entry,
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
redis.call('HSET', record, 'workflow', ARGV[5], 'version', ARGV[10], 'status', 'running', 'state', ARGV[12],
  'epoch', ARGV[2], 'bridge', bridge, 'entry', entry, 'events', '1', 'rows', '1', 'recoveries', '0', 'input', ARGV[11],
  'created', ARGV[7], 'started', ARGV[7], 'updated', ARGV[7])
if ARGV[14] ~= '' then
  redis.call('HSET', record, 'reply_to', ARGV[14])
end
if ARGV[22] ~= '' then
  redis.call('HSET', record, 'expires_at', ARGV[22])
end
if ARGV[6] ~= '' then
  redis.call('HSET', record, 'traceparent', ARGV[6])
  if ARGV[15] ~= '' then
    redis.call('HSET', record, 'tracestate', ARGV[15])
  end
end
redis.call('RPUSH', log, ARGV[13])
redis.call('ZADD', leases, string.format('%.0f', now + tonumber(ARGV[16])), run)
redis.call('XADD', events, '*',
  event_fields(run_envelope(), run .. '/0000000001', 'cano.run.started', ARGV[18], '0000000001', ARGV[19]))
return 'accepted'
