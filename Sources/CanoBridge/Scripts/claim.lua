#!lua
-- Takes over one run: whose lease expired (its bridge is dead), was handed back (0), or that was to start later and is
-- due. A run that was taken over again and again without coming a step further is quarantined instead.
--
-- KEYS  record, log, run store, events, leases, timers, dead letters [, reply streams in the order of their names]
-- ARGV  1 bridge, 2 epoch (one more than the record's), 3 source, 4 run id, 5 workflow, 6 traceparent, 7 now,
--       8 event time, 9 lease ms, 10 whether an expired lease may be taken over (1 or 0), 11 how many takeovers in a row
--       are borne, 12 version, 13 first state, 14 first row, 15 reply names, 16 length and 17 retention ms of reply streams,
--       18 retention ms of records
-- Gives claimed, how (takeover, handback, timer or again), and the run: record, log, store, each flat; quarantined; expired
-- (it was to start until then, and is cancelled); gone (somebody else has it, or it is over); not-due; or replies and
-- the names the record holds: send it again with their streams.
local record, log, store, events, leases, timers, letters = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local bridge, epoch, run = ARGV[1], ARGV[2], ARGV[4]

local found = redis.call('HMGET', record, 'status', 'epoch', 'bridge', 'recoveries', 'events', 'rows', 'state',
  'reply_to', 'expires_at', 'started', 'timeout_ms', 'input')
local status, seen_epoch, previous = found[1], found[2], found[3]
local lease, due = redis.call('ZSCORE', leases, run), redis.call('ZSCORE', timers, run)
redis.call('LLEN', log)
redis.call('HLEN', store)
redis.call('XLEN', events)
redis.call('XLEN', letters)
local now = redis_time()

local function claimed(how)
  return { 'claimed', how, redis.call('HGETALL', record), redis.call('LRANGE', log, 0, -1), redis.call('HGETALL', store) }
end

if status == 'running' and seen_epoch == epoch and previous == bridge then
  return claimed('again')
end
if not status or status ~= 'running' and status ~= 'scheduled' then
  -- Nothing is left to be claimed, whatever is still listed.
  redis.call('ZREM', leases, run)
  redis.call('ZREM', timers, run)
  return 'gone'
end
if tonumber(seen_epoch) + 1 ~= tonumber(epoch) then
  return 'gone'
end
local sequence = padded(tonumber(found[5]) + 1)
local events_after = number_text(tonumber(found[5]) + 1)
local envelope = run_envelope()

local function ends(status_after, type, data, fields)
  if (found[8] or '') ~= ARGV[15] then
    return { 'replies', found[8] or '' }
  end
  redis.call('HSET', record, 'status', status_after, 'events', events_after, 'updated', ARGV[7], 'finished', ARGV[7])
  set_fields(record, fields)
  redis.call('ZREM', leases, run)
  redis.call('ZREM', timers, run)
  envelope.epoch, envelope.bridge = seen_epoch, previous
  redis.call('XADD', events, '*', event_fields(envelope, run .. '/' .. sequence, type, ARGV[8], sequence, data))
  for stream = 8, #KEYS do
    reply(KEYS[stream], ARGV[16], ARGV[17], event_fields(envelope, run .. '/' .. sequence, type, ARGV[8], sequence, data))
  end
end

if status == 'scheduled' then
  if due and tonumber(due) > now then
    return 'not-due'
  end
  if found[9] and tonumber(found[9]) <= now then
    local refusal = ends('cancelled', 'cano.run.cancelled', cancelled_data(found[7], 'expired'),
      { cancel = 'expired', rollback = 'none' })
    if refusal then
      return refusal
    end
    redis.call('PEXPIRE', record, ARGV[18])
    return 'expired'
  end
  redis.call('HSET', record, 'status', 'running', 'version', ARGV[12], 'state', ARGV[13], 'epoch', epoch, 'bridge', bridge,
    'events', events_after, 'rows', '1', 'started', number_text(beginning(now)), 'updated', ARGV[7])
  if found[11] then
    redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(found[11])))
  end
  redis.call('UNLINK', log, store)
  redis.call('RPUSH', log, ARGV[14])
  redis.call('ZREM', timers, run)
  redis.call('ZADD', leases, number_text(now + tonumber(ARGV[9])), run)
  local data = '{"version":' .. cjson.encode(ARGV[12]) .. ',"state":' .. cjson.encode(ARGV[13])
  local input = found[12] or 'null'
  if #input <= 4096 then
    data = data .. ',"input":' .. input
  end
  redis.call('XADD', events, '*',
    event_fields(envelope, run .. '/' .. sequence, 'cano.run.started', ARGV[8], sequence, data .. '}'))
  return claimed('timer')
end

-- Without a lease nobody has it: the list was lost, not the run.
local score = lease and tonumber(lease) or 1
if score > now then
  return 'not-due'
end
local how, recoveries = 'handback', tonumber(found[4])
if score > 0 then
  if ARGV[10] ~= '1' then
    return 'not-due'
  end
  how = 'takeover'
  if recoveries >= tonumber(ARGV[11]) then
    local message = 'The run was taken over ' .. found[4] .. ' times in a row without coming to its next step: '
      .. 'its bridges died of it, or with it. Resume it once the cause is gone.'
    local error = '{"code":"poison","message":' .. cjson.encode(message)
      .. ',"category":"poison","state":' .. cjson.encode(found[7])
      .. ',"task":null,"attempt":null,"retryable":false,"causes":[]}'
    local duration = math.max(0, tonumber(ARGV[7]) - tonumber(found[10] or ARGV[7]))
    local refusal = ends('failed', 'cano.run.failed', '{"state":' .. cjson.encode(found[7]) .. ',"error":' .. error
      .. ',"rollback":"none","resumable":true,"duration_ms":' .. number_text(duration) .. '}',
      { error = error, rollback = 'none', resumable = '1' })
    if refusal then
      return refusal
    end
    local about = redis.call('HMGET', record, 'workflow', 'version', 'input', 'reply_to', 'entry')
    local letter = { 'type', 'start', 'workflow', about[1] or '', 'version', about[2] or '', 'id', run, 'input', about[3] or 'null' }
    -- A start has one name to answer to.
    local name = string.match(about[4] or '', '[^,]+')
    if name then
      letter[#letter + 1] = 'reply_to'
      letter[#letter + 1] = name
    end
    for _, part in ipairs({ 'error_code', 'poison', 'error_message', message, 'entry', about[5] or '', 'bridge', previous }) do
      letter[#letter + 1] = part
    end
    redis.call('XADD', letters, '*', unpack(letter))
    return 'quarantined'
  end
  recoveries = recoveries + 1
end
redis.call('HSET', record, 'epoch', epoch, 'bridge', bridge, 'recoveries', number_text(recoveries), 'events', events_after,
  'updated', ARGV[7])
redis.call('ZADD', leases, number_text(now + tonumber(ARGV[9])), run)
publish_resumed(events, envelope, ARGV[8], sequence, {
  state = found[7], rows = found[6], previous = previous, recoveries = recoveries, by = how,
})
return claimed(how)
