#!lua
-- Lets a run that failed go on: from its last checkpoint, or in the middle of its rollback. Of one that was cancelled and could
-- not be undone whole, the rollback goes on, and it is cancelled again at its end.
--
-- KEYS  commands, record, log, run store, events, leases [, the requester's reply stream]
-- ARGV  1 bridge, 2 epoch (one more than the record's), 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, 8 group,
--       9 entry, 10 event time, 11 lease ms, 12 reply name or ''
-- Gives claimed, command (or again), and the run as claim does; not-resumable (nothing was done); unknown (no such run);
-- moved (the record is not the one that was read); or gone (the entry was taken already).
local commands, record, log, store, events, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local bridge, epoch, run, entry = ARGV[1], ARGV[2], ARGV[4], ARGV[9]

local found = redis.call('HMGET', record, 'status', 'epoch', 'bridge', 'resumable', 'events', 'rows', 'state', 'reply_to',
  'timeout_ms')
local sequence = padded((tonumber(found[5] or '') or 0) + 1)
redis.call('LLEN', log)
redis.call('HLEN', store)
redis.call('XLEN', events)
redis.call('ZCARD', leases)
local now = redis_time()

local function claimed(how)
  return { 'claimed', how, redis.call('HGETALL', record), redis.call('LRANGE', log, 0, -1), redis.call('HGETALL', store) }
end

if #redis.call('XRANGE', commands, entry, entry) == 0 then
  if found[1] == 'running' and found[2] == epoch and found[3] == bridge then
    return claimed('again')
  end
  return 'gone'
end
if not found[1] then
  return 'unknown'
end
if found[1] ~= 'failed' and found[1] ~= 'cancelled' or found[4] ~= '1' then
  return 'not-resumable'
end
if tonumber(found[2]) + 1 ~= tonumber(epoch) then
  return 'moved'
end
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, ARGV[8], entry)

for _, key in ipairs({ record, log, store }) do
  redis.call('PERSIST', key)
end
redis.call('HDEL', record, 'error', 'rollback', 'finished', 'resumable', 'deadline')
if found[1] == 'failed' then
  redis.call('HDEL', record, 'cancel')
end
redis.call('HSET', record, 'status', 'running', 'epoch', epoch, 'bridge', bridge, 'recoveries', '0',
  'events', number_text(tonumber(sequence)), 'updated', ARGV[7])
if found[9] then
  redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(found[9])))
end
add_reply_name(record, found[8], ARGV[12])
redis.call('ZADD', leases, number_text(now + tonumber(ARGV[11])), run)
publish_resumed(events, run_envelope(), ARGV[10], sequence, {
  state = found[7], rows = found[6], previous = found[3], recoveries = 0, by = 'command',
})
return claimed('command')
