#!lua
-- Publishes what has happened in a state that takes long, without waiting for its end.
--
-- KEYS  record, events
-- ARGV  1 bridge, 2 epoch, 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, 8 rows, events 9 before and 10 after,
--       11 … the events
-- Gives ok, again, cancel and the reason, behind or lost, as commit does.
local record, events = KEYS[1], KEYS[2]

local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel')
redis.call('XLEN', events)
local refusal = check_fence(found, 'running', ARGV[8], ARGV[9], ARGV[8], ARGV[10])
if refusal then
  return refusal
end

redis.call('HSET', record, 'events', ARGV[10], 'updated', ARGV[7])
publish_events(events, run_envelope(), 11)
return found[6] and { 'cancel', found[6] } or 'ok'
