#!lua
-- Takes a start command: the entry off the stream, the run's record, its first row, its `started` event and its lease.
-- A run that is to start later is only scheduled, one whose cancellation came first is recorded as cancelled. A run id
-- that is known is answered instead, and never runs again. Signals that came before it are the run's; where it is recorded as cancelled
-- they stay among those of runs that are not there.
--
-- Behind the keys: the requester's reply stream, if it asked for answers; of a child those of its parent. Empty arguments stand for none:
-- attributes, reply_name, tracestate, expiry, earliest, time_limit_ms, asked_version, scheduled_data. The list has the parent, if there is one.
--
-- Gives accepted, scheduled, cancelled, duplicate, expired (the entry is left where it is), gone (another bridge took the entry), or parent
-- and the workflow and version of that, which is to be told: send it again with its keys.
local reply_stream = reply_name ~= '' and keys[more_keys] or nil

-- Reads before the first write: a key of the wrong type fails here, with nothing written.
local found = redis.call('HMGET', record, 'status', 'entry', 'bridge', 'epoch', 'events')
local has_log, has_store, has_inbox, is_expected, reason
-- A run that is new has none of them, which one call tells.
if redis.call('EXISTS', log, run_store, inbox, cancellation) > 0 then
  has_log = redis.call('LLEN', log) > 0
  has_store = redis.call('HLEN', run_store) > 0
  has_inbox = redis.call('HLEN', inbox) > 0
  is_expected = has_inbox and redis.call('ZSCORE', orphans, run)
  reason = redis.call('GET', cancellation)
end
redis.call('XLEN', commands)
redis.call('ZCARD', leases)
if earliest ~= '' then
  redis.call('ZCARD', timers)
end
local is_child = arguments[lists] ~= '0'
if found[1] or has_inbox or reason or is_child then
  -- more functions
end
local parent = is_child and find_parent(lists)
local now = redis_time()
local is_replaced = is_child and is_outlived(found[1], found[2], parent, entry)
if found[1] and not is_replaced then
  if #redis.call('XRANGE', commands, entry, entry) == 0 then
    if found[2] == entry and found[3] == bridge then
      -- A run that was only scheduled then, and that this bridge has started since, has a second event.
      if found[1] == 'running' and found[4] == epoch and found[5] == '1' then
        return 'accepted'
      elseif found[4] == '0' then
        return found[1]
      end
    end
    return 'gone'
  end
  answer_duplicate(record, {
    stream = reply_stream, name = reply_name, is_start = true, workflow = workflow, input = input, subject = run,
    bridge = bridge, time = time, source_prefix = source_prefix,
  })
  redis.call('XDEL', commands, entry)
  redis.call('XACK', commands, group, entry)
  return 'duplicate'
end
if expiry ~= '' and tonumber(expiry) <= now then
  return 'expired'
end

if reason and parent and parent.is_moved then
  return place_of(parent)
end
local is_later = earliest ~= '' and tonumber(earliest) > now
local status = reason and 'cancelled' or is_later and 'scheduled' or 'running'
local is_begun = status == 'running'
local envelope = run_envelope()
local event_type, data = 'cano.run.started', started_data
if reason then
  event_type = 'cano.run.cancelled'
  data = fill(cancelled_template, { state = quoted(state), reason = quoted(reason) })
elseif is_later then
  event_type, data = 'cano.run.scheduled', scheduled_data
end
if not is_begun then
  envelope.epoch = '0'
end
local event = { event_fields(envelope, run .. '/0000000001', event_type, time, '0000000001', data) }
local published = add_entry(events, unpack(event))
if redis.call('XDEL', commands, entry) == 0 then
  -- Another bridge has rejected it. No reader has seen the event yet.
  redis.call('XDEL', events, published)
  return 'gone'
end
redis.call('XACK', commands, group, entry)

if is_replaced then
  redis.call('UNLINK', record)
end
-- Left behind by an earlier life of this id, whose record is gone.
if has_log then
  redis.call('UNLINK', log, open_tasks)
end
if has_store then
  redis.call('UNLINK', run_store)
end
if has_inbox and not is_expected then
  redis.call('UNLINK', inbox)
end

local began = is_begun and beginning(now)
set_fields(record, {
  version = is_begun and version or asked_version, reply_to = reply_name, expires_at = expiry, not_before = earliest,
  attributes = attributes, parent = child_parent, root = child_root, timeout_ms = time_limit_ms, traceparent = traceparent, tracestate = traceparent ~= '' and tracestate or '',
  started = began and number_text(began), deadline = began and time_limit_ms ~= '' and number_text(began + tonumber(time_limit_ms)),
}, {
  -- Redis looks for a field from the first one on: what each step reads and writes comes first.
  'bridge', bridge, 'epoch', is_begun and epoch or '0', 'status', status, 'rows', is_begun and '1' or '0', 'events', '1', 'state', state,
  'updated', made, 'recoveries', '0', 'workflow', workflow, 'entry', entry, 'created', made, 'input', input,
})

if is_expected and not reason then
  redis.call('ZREM', orphans, run)
  local count = 0
  for _, field in ipairs(redis.call('HKEYS', inbox)) do
    count = count + (is_signal(field) and 1 or 0)
  end
  redis.call('HSET', record, 'signals', number_text(count))
end

if is_begun then
  redis.call('RPUSH', log, row)
  redis.call('ZADD', leases, number_text(now + tonumber(lease_ms)), run)
  return 'accepted'
end
if not reason then
  redis.call('ZADD', timers, earliest, run)
  return 'scheduled'
end

redis.call('UNLINK', cancellation)
redis.call('HSET', record, 'cancel', reason, 'rollback', 'none', 'finished', made)
redis.call('PEXPIRE', record, retention_ms)
if reply_stream then
  reply(reply_stream, unpack(event))
end
if parent then
  tell_parent(parent)
end
return 'cancelled'
