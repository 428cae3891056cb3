#!lua
-- One step of a run: the rows that say so, what the step wrote, and the events since the last one. A step may also consume signals and
-- open a wait, with which the run is put down unless what it waits for is there; and hand tasks out, start children, and withdraw those that
-- are over.
--
-- drops is how many rows at the end of the log the first new one takes the place of. The lists: rows, events, the run store's values and
-- removed fields. A step that does more has keys behind the named ones, and eight more lists: the wait that it opens, if any, the signals
-- that it consumes, the queues of its tasks, the tasks that it hands out, the children that it starts, the legs that are over, the answer that
-- it takes, if any, and its writes to shared stores. The keys are, if it opens a wait, consumes signals or takes an answer, the run's inbox, the
-- leases and the waits of its workflow; if there are tasks, children or legs that are over, the run's open tasks, the deadlines, the list of
-- all queues, the streams of starts and of other commands, and the keys of each queue; if it takes an answer, the stream of answers; then the
-- shared stores. A run that is to be cancelled hands nothing out.
--
-- A step that takes an answer is of a run that its bridge held while it waited: epoch is one more than the record's, and the run is the
-- bridge's again with the step. Nothing is written unless the run waits as it was put down and is not to be cancelled, and nothing but that
-- answer has come for it.
--
-- Gives ok, again (it was written already), waiting (written, and the run was put down), arrived and the inbox (written, and what the run
-- would wait for is there: it goes on), cancel and the reason (written, and a cancel was asked for), behind, lost, or
-- with nothing written not_taken, or what plan_shared_writes answers.
local is_plain = #keys < more_keys
-- A field that a record has not is looked for in all of it.
local found = is_plain and redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel')
  or redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'cancel', 'signals', 'deadline')
local length = redis.call('LLEN', log)
redis.call('HLEN', run_store)
local opened, consumed, shared, inbox, leases, waits
local handed, started, over, known_queues, known_legs, takes, results
local signal_count = 0
if not is_plain then
  -- more functions
  local wait = behind_store_writes(behind(behind(lists, 1), event_width))
  consumed = behind(wait, opened_width)
  local queue_list = behind(consumed, 1)
  handed = behind(queue_list, 1)
  started = behind(handed, handed_width)
  over = behind(started, child_width)
  local taken = behind(over, 1)
  shared = behind(taken, taken_width)
  takes = arguments[taken] ~= '0' and taken + 1
  opened = arguments[wait] ~= '0' and wait + 1
  if opened or takes or arguments[consumed] ~= '0' then
    inbox, leases, waits = keys[more_keys], keys[more_keys + 1], keys[more_keys + 2]
    signal_count = redis.call('HLEN', inbox)
  end
  if opened or takes then
    redis.call('ZCARD', leases)
    redis.call('ZCARD', waits)
  end
  if arguments[queue_list] ~= '0' or arguments[started] ~= '0' or arguments[over] ~= '0' then
    local place = inbox and more_keys + 3 or more_keys
    open_tasks, deadlines, queues = keys[place], keys[place + 1], keys[place + 2]
    commands, control = keys[place + 3], keys[place + 4]
    known_legs = legs_listed(handed, started, over)
    redis.call('ZCARD', deadlines)
    redis.call('ZCARD', queues)
    if arguments[started] ~= '0' or has_child(known_legs) then
      redis.call('XLEN', commands)
      redis.call('XLEN', control)
    end
    known_queues = queues_listed(queue_list, place + 5)
    results = keys[place + 5 + queue_keys * tonumber(arguments[queue_list])]
  end
end
local refusal
if takes and is_put_down(found) then
  local task = open_task(known_legs[arguments[takes + taken_leg]])
  if found[6] or signal_count > 0 or not is_awaited(takes, task, results) then
    return 'not_taken'
  end
else
  refusal = check_fence(found, 'running', rows_before, events_before, rows_after, events_after) or takes and 'lost'
end
local is_cancelled = found[6] and not (opened and arguments[opened + opened_is_undoing] == '1')
if opened and refusal == 'again' then
  return is_cancelled and { 'cancel', found[6] } or { 'arrived', redis.call('HGETALL', inbox) }
end
if opened and check_fence(found, 'waiting', rows_before, events_before, rows_after, events_after) == 'again' then
  return 'waiting'
end
if refusal then
  return refusal
end
local changes, misfit
if shared then
  changes, misfit = plan_shared_writes(shared)
  if misfit then
    return misfit
  end
end

-- A queue may have used up its ids, and so may the events: what is added first is taken back then.
local work = known_queues and add_work(handed, started, over, known_queues, known_legs, is_cancelled)
local is_published, after_events = pcall(publish_events, events, run_envelope(), behind(lists, 1))
if not is_published then
  if work then
    take_back(work.all)
  end
  error(after_events)
end
if takes then
  take_answer(takes, results)
end
if drops == '1' and arguments[lists] == '1' and length > 0 then
  -- What most steps do: the new row stands where the last one was.
  redis.call('LSET', log, '-1', arguments[lists + 1])
else
  if drops ~= '0' then
    redis.call('LTRIM', log, '0', number_text(-1 - tonumber(drops)))
  end
  write_rows(log, lists)
end
write_store(run_store, after_events)
local fields = { 'state', state, 'rows', rows_after, 'events', events_after, 'updated', made, 'recoveries', '0' }
if changes then
  write_changes(changes)
end
if inbox then
  local taken = 0
  for at = consumed + 1, behind(consumed, 1) - 1 do
    taken = taken + redis.call('HDEL', inbox, arguments[at])
  end
  signal_count = signal_count - taken
  local left = (tonumber(found[7] or '') or 0) - taken
  if taken > 0 and left > 0 then
    fields[#fields + 1] = 'signals'
    fields[#fields + 1] = number_text(left)
  elseif taken > 0 then
    redis.call('HDEL', record, 'signals')
  end
end
if known_queues then
  close_legs(over, known_queues, known_legs)
  open_legs(handed, known_queues, known_legs, work.tasks)
  open_child_legs(started, known_legs, work.children)
end
if is_plain then
  redis.call('HSET', record, unpack(fields))
  return found[6] and { 'cancel', found[6] } or 'ok'
end
if takes then
  fields[#fields + 1] = 'epoch'
  fields[#fields + 1] = epoch
end
if not opened or is_cancelled then
  go_on(takes, fields)
  return is_cancelled and { 'cancel', found[6] } or 'ok'
end

local contents = signal_count > 0 and redis.call('HGETALL', inbox) or {}
local wake_at = tonumber(arguments[opened + opened_wake_at]) or math.huge
-- Its time goes on while it waits, unless it is undone: that has a time of its own.
if arguments[opened + opened_is_undoing] ~= '1' then
  wake_at = math.min(wake_at, tonumber(found[8] or '') or math.huge)
end
if wake_at <= redis_time() or is_met(arguments[opened + opened_waits], contents) then
  go_on(takes, fields)
  return { 'arrived', contents }
end
for _, part in ipairs({
  'status', 'waiting', 'waits', arguments[opened + opened_waits], 'waiting_for', arguments[opened + opened_waiting_for],
  'waiting_since', arguments[opened + opened_waiting_since],
}) do
  fields[#fields + 1] = part
end
if wake_at < math.huge then
  fields[#fields + 1] = 'wake_at'
  fields[#fields + 1] = number_text(wake_at)
end
redis.call('HSET', record, unpack(fields))
if not takes then
  redis.call('ZREM', leases, run)
elseif wake_at == math.huge then
  -- What it waited for before may have had one.
  redis.call('HDEL', record, 'wake_at')
end
redis.call('ZADD', waits, wake_at < math.huge and number_text(wake_at) or '+inf', run)
return 'waiting'
