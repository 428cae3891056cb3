#!lua
-- One step of a run: the rows that say so, what the step wrote, and the events since the last one.
--
-- Behind the keys: the shared stores that the step writes to. replaces says whether the row takes the place of the last one. The
-- lists: rows, events, the run store's values and removed fields, and the writes to shared stores.
--
-- Gives ok, again (it was written already), cancel and the reason (written, and a cancel was asked for), behind, lost, or
-- with nothing written what plan_shared_writes answers.
local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel')
redis.call('LLEN', log)
redis.call('HLEN', run_store)
local refusal = check_fence(found, 'running', rows_before, events_before, rows_after, events_after)
if refusal then
  return refusal
end
local changes, misfit
if #keys >= more_keys then
  changes, misfit = plan_shared_writes(behind_store_writes(behind(behind(lists, 1), event_width)))
  if misfit then
    return misfit
  end
end

local after_events = publish_events(events, run_envelope(), behind(lists, 1))
redis.call('HSET', record, 'state', state, 'rows', rows_after, 'events', events_after, 'updated', made, 'recoveries', '0')
if replaces == '1' then
  redis.call('RPOP', log)
end
write_rows(log, lists)
write_store(run_store, after_events)
if changes then
  write_changes(changes)
end
return found[6] and { 'cancel', found[6] } or 'ok'
