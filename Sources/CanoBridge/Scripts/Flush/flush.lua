#!lua
-- Publishes what has happened in a state that takes long, without waiting for its end.
--
-- The list: the events.
--
-- Gives ok, again, cancel and the reason, behind or lost, as commit does.
local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel')
local refusal = check_fence(found, 'running', rows, events_before, rows, events_after)
if refusal then
  return refusal
end

publish_events(events, run_envelope(), lists)
redis.call('HSET', record, 'events', events_after, 'updated', made)
return found[6] and { 'cancel', found[6] } or 'ok'
