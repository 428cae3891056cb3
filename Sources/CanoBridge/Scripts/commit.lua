#!lua
-- One step of a run: the row of the state it enters, what the last state wrote, and the events since the last step.
--
-- KEYS  record, log, run store, events
-- ARGV  1 bridge, 2 epoch, 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, rows and events 8, 9 before and
--       10, 11 after, 12 state, 13 row, 14 … the events, then the store's writes
-- Gives ok, again (it was written already), cancel (written, and a cancel was asked for), behind or lost.
local record, log, store, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel')
redis.call('LLEN', log)
redis.call('HLEN', store)
redis.call('XLEN', events)
local refusal = check_fence(found, 'running', ARGV[8], ARGV[9], ARGV[10], ARGV[11])
if refusal then
  return refusal
end

redis.call('HSET', record, 'state', ARGV[12], 'rows', ARGV[10], 'events', ARGV[11], 'updated', ARGV[7], 'recoveries', '0')
redis.call('RPUSH', log, ARGV[13])
write_store(store, publish_events(events, run_envelope(), 14))
return found[6] and 'cancel' or 'ok'
