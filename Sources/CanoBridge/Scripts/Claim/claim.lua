#!lua
-- Takes over runs of one workflow and version: whose lease expired (its bridge is dead), was handed back (0), that was to start later and is
-- due, or that waits and has waited long enough.
--
-- epoch is one more than the record's; may_take_over says whether an expired lease may be taken for its owner's death; version, state, row and
-- started_template are for a run that begins.
--
-- Gives for each run claimed, how (takeover, handback, timer, wait or again), and the run: record, log, store, inbox, open tasks, each flat; gone
-- (another bridge has it, it is over, or it was listed where it does not belong); not-due; or to-end, where it is not to go on, for it is taken
-- over too often or was to start until a moment that has passed; or later, where those before it had so much to give that it is to be asked for
-- again. An error about what a run has at its keys, or what its record says, is the answer to that run alone.
local now = redis_time()
local lease_end = number_text(now + tonumber(lease_ms))

local given = 0

-- The answer that gives the run, with what it has besides its record: how much all answers have given is known from here on.
local function give(how, ...)
  local answer = { 'claimed', how, redis.call('HGETALL', record), ... }
  for index = 3, #answer do
    for _, part in ipairs(answer[index]) do
      given = given + #part
    end
  end
  return answer
end

local function claim()
  if given > most_given_bytes then
    return 'later'
  end
  local found = redis.call('HMGET', record, 'status', 'epoch', 'bridge', 'recoveries', 'events', 'rows', 'state')
  local status, seen_epoch, previous = found[1], found[2], found[3]

  if status == 'running' and seen_epoch == epoch and previous == bridge then
    return give('again', contents_of_run())
  end
  if not status or status ~= 'running' and status ~= 'scheduled' and status ~= 'waiting' then
    -- Nothing is left to be claimed, whatever is still listed.
    redis.call('ZREM', leases, run)
    redis.pcall('ZREM', timers, run)
    redis.pcall('ZREM', waits, run)
    return 'gone'
  end
  if tonumber(seen_epoch) + 1 ~= tonumber(epoch) then
    return 'gone'
  end

  if status == 'waiting' then
    -- One that is not listed any more is looked at: the list was lost, not the run.
    local waits_until = redis.call('ZSCORE', waits, run)
    if waits_until and tonumber(waits_until) > now then
      return redis.call('ZREM', leases, run) == 1 and 'gone' or 'not-due'
    end
    -- Read before anything is written, here as below: it fails where a key holds something else.
    local rows, store, signals, tasks = contents_of_run()
    redis.call('ZCARD', leases)
    wake(lease_end, 'epoch', epoch, 'bridge', bridge, 'updated', made)
    return give('wait', rows, store, signals, tasks)
  end
  if type(redis.pcall('ZSCORE', waits, run)) == 'string' then
    -- It is looked for elsewhere.
    redis.call('ZREM', waits, run)
    return 'gone'
  end
  local lease = redis.call('ZSCORE', leases, run)
  local sequence = padded(tonumber(found[5]) + 1)
  local events_after = number_text(tonumber(found[5]) + 1)

  if status == 'scheduled' then
    local due = redis.call('ZSCORE', timers, run)
    if due and tonumber(due) > now then
      return 'not-due'
    end
    local plan = redis.call('HMGET', record, 'expires_at', 'timeout_ms', 'input', 'attributes')
    if plan[1] and tonumber(plan[1]) <= now then
      return 'to-end'
    end
    contents_of_run()
    local input = plan[3] or 'null'
    add_entry(events, event_fields(run_envelope(), run .. '/' .. sequence, 'cano.run.started', time, sequence,
      fill(started_template, { input = #input <= inline_input_bytes and input or nil, attributes = plan[4] or nil })))
    redis.call('HSET', record, 'status', 'running', 'version', version, 'state', state, 'epoch', epoch, 'bridge', bridge,
      'events', events_after, 'rows', '1', 'started', number_text(beginning(now)), 'updated', made)
    if plan[2] then
      redis.call('HSET', record, 'deadline', number_text(beginning(now) + tonumber(plan[2])))
    end
    redis.call('UNLINK', log, run_store, open_tasks)
    redis.call('RPUSH', log, row)
    redis.call('ZREM', timers, run)
    redis.call('ZADD', leases, lease_end, run)
    return give('timer', contents_of_run())
  end

  -- Without a lease no bridge has it: the list was lost, not the run.
  local score = lease and tonumber(lease) or 1
  if score > now then
    return 'not-due'
  end
  local how, recoveries = 'handback', tonumber(found[4])
  if score > 0 then
    if may_take_over ~= '1' then
      return 'not-due'
    end
    how = 'takeover'
    if recoveries >= most_takeovers then
      return 'to-end'
    end
    recoveries = recoveries + 1
  end
  local rows, store, signals, tasks = contents_of_run()
  publish_resumed(sequence, { state = found[7], rows = found[6], previous = previous, recoveries = recoveries, by = how })
  redis.call('HSET', record, 'epoch', epoch, 'bridge', bridge, 'recoveries', number_text(recoveries), 'events', events_after,
    'updated', made)
  redis.call('ZADD', leases, lease_end, run)
  return give(how, rows, store, signals, tasks)
end

return for_each_run(claim)
