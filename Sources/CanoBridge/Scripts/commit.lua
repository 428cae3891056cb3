#!lua
-- One step of a run: the rows that say so, what the step wrote, and the events since the last one.
--
-- KEYS  record, log, run store, events [, shared stores]
-- ARGV  1 bridge, 2 epoch, 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, rows and events 8, 9 before and
--       10, 11 after, 12 state, 13 whether the row takes the place of the last one (1 or 0), 14 … the rows, the events, the
--       run store's writes, and those to shared stores
-- Gives ok, again (it was written already), cancel and the reason (written, and a cancel was asked for), behind, lost, or
-- with nothing written what plan_shared_writes answers.
local record, log, store, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel')
redis.call('LLEN', log)
redis.call('HLEN', store)
redis.call('XLEN', events)
local refusal = check_fence(found, 'running', ARGV[8], ARGV[9], ARGV[10], ARGV[11])
if refusal then
  return refusal
end
local changes, misfit
if #KEYS > 4 then
  changes, misfit = plan_shared_writes(skip_store_writes(skip_events(skip_rows(14))))
  if misfit then
    return misfit
  end
end

redis.call('HSET', record, 'state', ARGV[12], 'rows', ARGV[10], 'events', ARGV[11], 'updated', ARGV[7], 'recoveries', '0')
if ARGV[13] == '1' then
  redis.call('RPOP', log)
end
write_store(store, publish_events(events, run_envelope(), write_rows(log, 14)))
if changes then
  write_changes(changes)
end
return found[6] and { 'cancel', found[6] } or 'ok'
