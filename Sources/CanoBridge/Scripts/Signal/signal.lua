#!lua
-- Takes a signal command: the entry off its stream, the signal into its run's inbox. A run that waits for it is woken; for a run that has
-- no record it is kept for a while, should its start come later. A bridge that has a slot for the run it wakes claims it: epoch is then one
-- more than the record's, else empty.
--
-- Behind the keys: the requester's reply stream, if it asked for answers. workflow and version are what the record says, empty where it
-- says nothing: waits is the list of the two. signal is what is kept; an empty message_id stands for none.
--
-- Gives claimed, how (wait, or again when it is sent again), and the run: record, log, store, inbox, each flat; woke, kept, duplicate (its
-- message is known: nothing is kept), or early (there is no such run yet); with the entry left where it is
-- full (no more signals are kept) or over (the run is); gone (it was taken already); or moved: the record says something else than
-- these arguments.
local reply_stream = keys[more_keys]

local command = redis.call('XRANGE', commands, entry, entry)[1]
local found = redis.call('HMGET', record, 'status', 'workflow', 'version', 'waits', 'epoch', 'bridge')
local status = found[1]
local contents = redis.call('HGETALL', inbox)
local expiry
if not status then
  expiry = redis.call('ZSCORE', orphans, run)
elseif status == 'waiting' then
  redis.call('ZCARD', waits)
end
if epoch ~= '' then
  redis.call('ZCARD', leases)
  redis.call('LLEN', log)
  redis.call('HLEN', run_store)
  redis.call('HLEN', open_tasks)
end
local now = redis_time()
if not command then
  if epoch ~= '' and status == 'running' and found[5] == epoch and found[6] == bridge then
    return claimed('again')
  end
  return 'gone'
end
if status and status ~= 'running' and status ~= 'scheduled' and status ~= 'waiting' then
  return 'over'
end
if (found[2] or '') ~= workflow or (found[3] or '') ~= version then
  return 'moved'
end
-- Left behind by an earlier life of this id, whose record is gone.
local is_left = not status and not expiry and #contents > 0
if is_left then
  contents = {}
end

local count, bytes, answers = 0, 0, 0
-- The messages that are remembered.
local remembered, is_known, oldest = 0, false, nil
for at = 1, #contents, 2 do
  if is_answer(contents[at]) then
    answers = answers + 1
  elseif is_signal(contents[at]) then
    count, bytes = count + 1, bytes + #contents[at + 1]
  else
    remembered = remembered + 1
    is_known = is_known or message_id ~= '' and contents[at] == '=' .. message_id
    if not oldest or is_older(contents[at + 1], contents[oldest + 1]) then
      oldest = at
    end
  end
end
local outcome = not status and 'early' or 'kept'
if is_known then
  outcome = 'duplicate'
elseif count >= most_signals or bytes + #signal > most_signal_bytes then
  return 'full'
else
  count = count + 1
  contents[#contents + 1] = command_id
  contents[#contents + 1] = signal
  if status == 'waiting' and is_met(found[4] or '', contents) then
    outcome = 'woke'
  end
end

local envelope = {
  bridge = bridge, epoch = '0', source = source_prefix .. workflow, subject = run, workflow = workflow, traceparent = traceparent,
}
local event = {
  event_fields(envelope, run .. '/signal/' .. command_id, 'cano.signal.taken', time, '0000000000',
    fill(taken_template, { outcome = quoted(outcome), unread = number_text(count) })),
}
add_entry(events, unpack(event))
redis.call('XDEL', commands, entry)
redis.call('XACK', commands, group, entry)
if outcome ~= 'duplicate' then
  if is_left then
    redis.call('UNLINK', inbox)
  end
  redis.call('HSET', inbox, command_id, signal)
  if message_id ~= '' then
    if remembered >= most_messages then
      redis.call('HDEL', inbox, contents[oldest])
    end
    redis.call('HSET', inbox, '=' .. message_id, command_id)
  end
  if status then
    redis.call('HSET', record, 'signals', number_text(count + answers))
  else
    redis.call('ZADD', orphans, number_text(math.max(tonumber(expiry or '') or 0, now + tonumber(keep_ms))), run)
  end
end
if reply_stream then
  reply(reply_stream, unpack(event))
end
if outcome ~= 'woke' then
  return outcome
end
return wake_up(found[5], now)
