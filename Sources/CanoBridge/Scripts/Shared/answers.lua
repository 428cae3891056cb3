-- Bringing the answer to a task to its run; for the key inbox, and those of wakeups.

-- What is read of the record, by scripts that bring one. Fails where a key that this needs is something else. is_held says that nothing else
-- is read of a run that is claimed.
local function find_run(is_held)
  local found = redis.call('HMGET', record, 'status', 'workflow', 'version', 'waits', 'epoch', 'bridge', 'signals', 'traceparent',
    'rows', 'events', 'cancel')
  local unread = redis.call('HLEN', inbox)
  redis.call('ZCARD', deadlines)
  if found[1] == 'waiting' or epoch ~= '' then
    redis.call('ZCARD', leases)
  end
  if found[1] == 'waiting' then
    redis.call('ZCARD', waits)
  end
  if epoch ~= '' and not is_held then
    redis.call('LLEN', log)
    redis.call('HLEN', run_store)
  end
  return {
    status = found[1], workflow = found[2] or '', version = found[3] or '', waits = found[4] or '', epoch = found[5],
    bridge = found[6], signals = tonumber(found[7] or '') or 0, traceparent = found[8] or '',
    rows = found[9], events = found[10], cancel = found[11] or '', unread = unread,
  }
end

-- Whether it is under way, or waits: it is over otherwise, or gone.
local function is_under_way(found)
  return found.status == 'running' or found.status == 'waiting'
end

-- Whether the same call has claimed it: its answer was lost.
local function was_claimed(found)
  return epoch ~= '' and found.status == 'running' and found.epoch == epoch and found.bridge == bridge
end

-- Puts an answer into the inbox, whatever else is there, and has a run go on that waits for it. Returns the answer to give; give makes that
-- for a run that is claimed.
local function bring(id, signal, found, now, give)
  redis.call('HSET', inbox, id, signal)
  local signals = number_text(found.signals + 1)
  -- A run of many branches has a large inbox, and mostly waits for this alone.
  if found.status == 'waiting'
    and (is_met(found.waits, { id, signal }) or is_met(found.waits, redis.call('HGETALL', inbox))) then
    return wake_up(found.epoch, now, give, 'signals', signals)
  end
  redis.call('HSET', record, 'signals', signals)
  return 'kept'
end
