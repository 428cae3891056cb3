#!lua
-- Takes a start command: the entry off the stream, the run's record, its first row, its `started` event and its lease.
-- A run that is to start later is only scheduled, one whose cancellation came first is recorded as cancelled. A run id
-- that is known is answered instead, and never runs again.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. Empty arguments stand for none: reply_name, tracestate,
-- expiry, earliest, time_limit_ms, asked_version, scheduled_data.
--
-- Gives accepted, scheduled, cancelled, duplicate, expired (the entry is left where it is), or gone (another bridge took the entry).
local reply_stream = keys[more_keys]

-- Reads before the first write: a key of the wrong type fails here, with nothing written.
local found = redis.call('HMGET', record, 'status', 'entry', 'bridge', 'epoch', 'events')
local has_log = redis.call('LLEN', log) > 0
local has_store = redis.call('HLEN', run_store) > 0
redis.call('XLEN', commands)
redis.call('ZCARD', leases)
if earliest ~= '' then
  redis.call('ZCARD', timers)
end
local reason = redis.call('GET', cancellation)
local now = redis_time()
if found[1] then
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

-- Left behind by an earlier life of this id, whose record is gone.
if has_log then
  redis.call('UNLINK', log)
end
if has_store then
  redis.call('UNLINK', run_store)
end

redis.call('HSET', record, 'workflow', workflow, 'status', status, 'state', state, 'epoch', is_begun and epoch or '0',
  'bridge', bridge, 'entry', entry, 'events', '1', 'rows', is_begun and '1' or '0', 'recoveries', '0', 'input', input,
  'created', made, 'updated', made)
set_fields(record, {
  version = is_begun and version or asked_version, reply_to = reply_name, expires_at = expiry, not_before = earliest,
  timeout_ms = time_limit_ms, traceparent = traceparent, tracestate = traceparent ~= '' and tracestate or '',
})

if is_begun then
  redis.call('HSET', record, 'started', number_text(beginning(now)))
  if time_limit_ms ~= '' then
    redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(time_limit_ms)))
  end
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
return 'cancelled'
