#!lua flags=allow-oom
-- Ends a run: its status and result, its last events, the answers asked for; its lease goes, and its log and store
-- go too or are kept so that the run can be resumed.
--
-- Behind the keys: the reply streams of reply_names in their order. Empty arguments stand for none: output, failure, rollback,
-- resumable; a retention_ms of 0 keeps the record for ever. The lists: rows, events, the last of which ends the run, and the run
-- store's values and removed fields.
--
-- Gives ok, again, behind, lost, or replies and the names the record holds: send it again with their streams.
local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'reply_to')
redis.call('LLEN', log)
redis.call('HLEN', run_store)
redis.call('ZCARD', leases)
local refusal = check_fence(found, status, rows_before, events_before, rows_after, events_after)
if refusal then
  return refusal
end
if (found[6] or '') ~= reply_names then
  return { 'replies', found[6] or '' }
end

local envelope = run_envelope()
local after_events = publish_events(events, envelope, behind(lists, 1))
redis.call('HSET', record, 'status', status, 'state', state, 'rows', rows_after, 'events', events_after, 'updated', made,
  'finished', made)
set_fields(record, { output = output, error = failure, rollback = rollback, resumable = resumable })
redis.call('ZREM', leases, run)
if keeps_log == '1' then
  write_rows(log, lists)
  write_store(run_store, after_events)
else
  redis.call('UNLINK', log, run_store)
end
if retention_ms ~= '0' then
  redis.call('PEXPIRE', record, retention_ms)
  redis.call('PEXPIRE', log, retention_ms)
  redis.call('PEXPIRE', run_store, retention_ms)
end
local last = after_events - event_width
local sequence = arguments[last + event_sequence]
for stream = more_keys, #keys do
  reply(keys[stream], event_fields(envelope, run .. '/' .. sequence, arguments[last + event_type], arguments[last + event_time],
    sequence, arguments[last + event_data]))
end
return 'ok'
