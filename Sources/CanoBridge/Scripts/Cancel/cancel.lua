#!lua flags=allow-oom
-- Carries out a cancel command: a run that is to start later is cancelled at once, one that is under way is told through
-- its record, one that waits is woken besides, and for a run that has no record the cancellation is remembered, should its start come
-- later.
--
-- Behind the keys: the requester's reply stream, if reply_name is not empty, then the reply streams of reply_names in their order.
-- workflow and version are what the record says, empty where it says nothing: timers, leases and waits are those of the two.
--
-- Gives asked and the reason (its owner is to be told), stranded and the reason (no live bridge has its workflow in this version: the
-- entry is left where it is, and a run that waited is one that was handed back), cancelled, duplicate (it is over), unknown (the entry is
-- left where it is, and the cancellation is remembered for the retention), gone (it was taken already), or moved: the record says
-- something else than these arguments.
local own_reply = reply_name ~= '' and keys[more_keys] or nil
local first_reply = own_reply and more_keys + 1 or more_keys

local command = redis.call('XRANGE', commands, entry, entry)[1]
local found = redis.call('HMGET', record, 'status', 'workflow', 'state', 'events', 'bridge', 'reply_to', 'traceparent', 'cancel',
  'version', 'cancel_entry', 'signals')
local lease = found[1] == 'running' and redis.call('ZSCORE', leases, run)
if found[1] == 'scheduled' then
  redis.call('ZCARD', timers)
  redis.call('HLEN', inbox)
end
if found[1] == 'waiting' then
  redis.call('ZCARD', leases)
  redis.call('ZCARD', waits)
end
local now = redis_time()
local listed = redis.call('ZRANGEBYSCORE', workflows, number_text(now), '+inf')
redis.call('GET', cancellation)
if not command then
  return 'gone'
end
if not found[1] then
  redis.call('SET', cancellation, reason, 'PX', retention_ms)
  return 'unknown'
end
if (found[2] or '') ~= workflow or (found[9] or '') ~= version
  or found[1] == 'scheduled' and (found[6] or '') ~= reply_names then
  return 'moved'
end
-- The first reason counts.
local kept = found[8] or reason
local function tell_requester()
  -- A command that is left where it is comes here again.
  if found[10] == command_id then
    return
  end
  answer_duplicate(record, {
    stream = own_reply, name = reply_name, is_start = false, subject = run, bridge = bridge, time = time,
    source_prefix = source_prefix,
  })
end

if found[1] == 'waiting' or found[1] == 'running' and (not lease or tonumber(lease) <= now) then
  local is_stranded, able = true, workflow .. '@' .. version .. '/'
  for _, listing in ipairs(listed) do
    is_stranded = is_stranded and string.sub(listing, 1, #able) ~= able
  end
  if is_stranded then
    if not found[8] then
      tell_requester()
      redis.call('HSET', record, 'cancel', kept, 'cancel_entry', command_id)
    end
    if found[1] == 'waiting' then
      wake('0')
    end
    return { 'stranded', kept }
  end
end
local function take()
  redis.call('XDEL', commands, entry)
  redis.call('XACK', commands, group, entry)
end

if found[1] == 'scheduled' then
  local envelope = {
    bridge = found[5] or bridge, epoch = '0', source = source_prefix .. workflow, subject = run, workflow = workflow,
    traceparent = found[7] or '',
  }
  local number = (tonumber(found[4] or '') or 0) + 1
  local sequence = padded(number)
  local data = fill(cancelled_template, { state = quoted(found[3] or ''), reason = quoted(reason), unread_signals = found[11] or nil })
  local event = { event_fields(envelope, run .. '/' .. sequence, 'cano.run.cancelled', time, sequence, data) }
  add_entry(events, unpack(event))
  take()
  redis.call('HSET', record, 'status', 'cancelled', 'cancel', reason, 'cancel_entry', command_id, 'rollback', 'none',
    'events', number_text(number), 'updated', made, 'finished', made)
  redis.call('ZREM', timers, run)
  redis.call('UNLINK', inbox)
  redis.call('HDEL', record, 'signals')
  redis.call('PEXPIRE', record, retention_ms)
  local is_listed = false
  for stream = first_reply, #keys do
    is_listed = is_listed or keys[stream] == own_reply
    reply(keys[stream], unpack(event))
  end
  if own_reply and not is_listed then
    reply(own_reply, unpack(event))
  end
  return 'cancelled'
end

tell_requester()
take()
if found[1] ~= 'running' and found[1] ~= 'waiting' then
  return 'duplicate'
end
if not found[8] then
  redis.call('HSET', record, 'cancel', kept, 'cancel_entry', command_id)
end
if found[1] == 'waiting' then
  redis.call('ZADD', waits, '0', run)
end
return { 'asked', kept }
