#!lua
-- Lets a run that failed go on: from its last checkpoint, or in the middle of its rollback. Of one that was cancelled and could
-- not be undone whole, the rollback goes on, and it is cancelled again at its end.
--
-- epoch is one more than the record's; an empty reply_name stands for none.
--
-- Gives claimed, command (or again), and the run as claim does; not-resumable (nothing was done); unknown (no such run);
-- moved (the record is not the one that was read); or gone (the entry was taken already).
local found = redis.call('HMGET', record, 'status', 'epoch', 'bridge', 'resumable', 'events', 'rows', 'state', 'reply_to',
  'timeout_ms')
local sequence = padded((tonumber(found[5] or '') or 0) + 1)
redis.call('LLEN', log)
redis.call('HLEN', run_store)
redis.call('HLEN', inbox)
redis.call('HLEN', open_tasks)
redis.call('ZCARD', leases)
redis.call('ZCARD', failed)
local now = redis_time()

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
publish_resumed(sequence, { state = found[7], rows = found[6], previous = found[3], recoveries = 0, by = 'command' })
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, group, entry)

for _, key in ipairs({ record, log, run_store, inbox }) do
  redis.call('PERSIST', key)
end
redis.call('HDEL', record, 'error', 'rollback', 'finished', 'resumable', 'deadline')
if found[1] == 'failed' then
  redis.call('HDEL', record, 'cancel', 'cancel_entry')
end
redis.call('HSET', record, 'status', 'running', 'epoch', epoch, 'bridge', bridge, 'recoveries', '0', 'resumed', epoch,
  'events', number_text(tonumber(sequence)), 'updated', made)
if found[9] then
  redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(found[9])))
end
-- All who are listed have had an end, and its requester is to have the next.
add_reply_name(record, found[8], reply_name, true)
redis.call('ZREM', failed, run)
redis.call('ZADD', leases, number_text(now + tonumber(lease_ms)), run)
return claimed('command')
