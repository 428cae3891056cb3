#!lua flags=allow-oom
-- Ends a run: its status and result, its last events, the answers asked for; its lease goes, and its log and store
-- go too or are kept so that the run can be resumed.
--
-- KEYS  record, log, run store, events, leases [, reply streams in the order of their names]
-- ARGV  1 bridge, 2 epoch, 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now, rows and events 8, 9 before and
--       10, 11 after, 12 state, 13 status, 14 output or '', 15 error or '', 16 rollback or '', 17 resumable or '',
--       18 keep or drop the log, 19 retention ms or 0 for ever, 20 reply names, 21 length and 22 retention ms of reply
--       streams, 23 … the rows, the events, the last of which ends the run, and the store's writes
-- Gives ok, again, behind, lost, or replies and the names the record holds: send it again with their streams.
local record, log, store, events, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local run, retention = ARGV[4], ARGV[19]

local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'reply_to')
redis.call('LLEN', log)
redis.call('HLEN', store)
redis.call('XLEN', events)
redis.call('ZCARD', leases)
local refusal = check_fence(found, ARGV[13], ARGV[8], ARGV[9], ARGV[10], ARGV[11])
if refusal then
  return refusal
end
if (found[6] or '') ~= ARGV[20] then
  return { 'replies', found[6] or '' }
end

redis.call('HSET', record, 'status', ARGV[13], 'state', ARGV[12], 'rows', ARGV[10], 'events', ARGV[11],
  'updated', ARGV[7], 'finished', ARGV[7])
for field, value in pairs({ output = ARGV[14], error = ARGV[15], rollback = ARGV[16], resumable = ARGV[17] }) do
  if value ~= '' then
    redis.call('HSET', record, field, value)
  end
end
redis.call('ZREM', leases, run)
local envelope = run_envelope()
local index = publish_events(events, envelope, skip_rows(23))
if ARGV[18] == 'drop' then
  redis.call('UNLINK', log, store)
else
  write_rows(log, 23)
  write_store(store, index)
end
if retention ~= '0' then
  redis.call('PEXPIRE', record, retention)
  redis.call('PEXPIRE', log, retention)
  redis.call('PEXPIRE', store, retention)
end
for stream = 6, #KEYS do
  reply(KEYS[stream], ARGV[21], ARGV[22], event_fields(envelope, run .. '/' .. ARGV[index - 2],
    ARGV[index - 4], ARGV[index - 3], ARGV[index - 2], ARGV[index - 1]))
end
return 'ok'
