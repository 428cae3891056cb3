#!lua flags=allow-oom
-- Ends a run: its status and result, its last events, the answers asked for; its lease goes, and its log and store
-- go too or are kept so that the run can be resumed, and so does its inbox. Its tasks are withdrawn, and answers to them dropped. Its children
-- are cancelled, and its parent is told. One that failed, or was cancelled and can go on being undone, is listed.
--
-- Behind the keys: the reply streams of reply_names in their order, then the keys of the queues that its tasks are on, the waits of its
-- workflow and the stream of answers, if it takes one, and those of its parent. Empty arguments stand for none: output, failure, rollback,
-- resumable; a retention_ms of 0 keeps the record for ever. The lists: rows, events, the last of which ends the run, and the run
-- store's values and removed fields; the signals that are consumed; its parent, if it is a child; the answer that led to the end, if that is to
-- be taken with it, as commit takes one.
--
-- Gives ok, told and whether its parent woke or has kept what it was told, again, behind, lost, not_taken; or replies and the names the record
-- holds, queues and the names of those that its tasks are on, or parent and the workflow and version of that: send it again with their keys.
local found = redis.call('HMGET', record, 'bridge', 'epoch', 'status', 'rows', 'events', 'reply_to', 'signals')
-- The last of the arguments is a lease then.
local takes = arguments[#arguments] ~= '0' and #arguments - taken_width + 1
redis.call('LLEN', log)
redis.call('HLEN', run_store)
redis.call('ZCARD', leases)
-- What has ended as it was to is in no list: it costs no call.
local is_listed = status == 'failed' or resumable == '1'
if is_listed then
  redis.call('ZCARD', failed)
end
-- Most runs have neither, which one call tells.
local tasks = {}
local has_more, signal_count = redis.call('EXISTS', inbox, open_tasks) > 0, 0
if has_more then
  signal_count = redis.call('HLEN', inbox)
  tasks = redis.call('HGETALL', open_tasks)
end
if #tasks > 0 then
  redis.call('ZCARD', deadlines)
  redis.call('XLEN', commands)
  redis.call('XLEN', control)
end
local refusal = check_fence(found, status, rows_before, events_before, rows_after, events_after)
if refusal and not (takes and refusal == 'lost') then
  return refusal
end
if (found[6] or '') ~= reply_names then
  return { 'replies', found[6] or '' }
end
local after_rows = behind(lists, 1)
local last = behind(after_rows, event_width) - event_width
local consumed = behind_store_writes(last + event_width)
local is_child = arguments[behind(consumed, 1)] ~= '0'
-- Where it is listed while it waits, and where the answer is, if it takes one.
local waits, results
if has_more or is_child or found[7] or takes then
  -- more functions
end
if takes then
  results = #keys - (is_child and parent_keys or 0)
  waits, results = keys[results - 1], keys[results]
  if not is_put_down(found) then
    return 'lost'
  end
  local task
  for at = 1, #tasks, 2 do
    task = tasks[at] == arguments[takes + taken_leg] and open_task(tasks[at + 1]) or task
  end
  redis.call('ZCARD', waits)
  if redis.call('HEXISTS', record, 'cancel') == 1 or signal_count > 0 or not is_awaited(takes, task, results) then
    return 'not_taken'
  end
end

local first_queue = more_keys
for _ in string.gmatch(reply_names, '[^,]+') do
  first_queue = first_queue + 1
end
local known_queues
if #tasks > 0 then
  known_queues = queues_at(task_queues, first_queue)
  local queues = missing_queues(tasks, known_queues)
  if queues then
    return { 'queues', queues }
  end
end

local unread, is_consumed, answers = tonumber(found[7] or '') or 0, {}, {}
local parent = is_child and find_parent(behind(consumed, 1))
if parent and parent.is_moved then
  return place_of(parent)
end
for at = consumed + 1, behind(consumed, 1) - 1 do
  is_consumed[arguments[at]] = true
  unread = unread - redis.call('HEXISTS', inbox, arguments[at])
end
if unread > 0 then
  answers = answers_left(redis.call('HKEYS', inbox), is_consumed)
  unread = unread - #answers
end
if unread > 0 then
  -- A hole for what most runs have none of would cost a copy of every output.
  arguments[last + event_data] = string.sub(arguments[last + event_data], 1, -2) .. unread_member .. number_text(unread) .. '}'
end

local envelope = run_envelope()
local cancels = #tasks > 0 and cancel_children(tasks)
local is_published, after_events = pcall(publish_events, events, envelope, after_rows)
if not is_published then
  if cancels then
    take_back(cancels)
  end
  error(after_events)
end
set_fields(record, { output = output, error = failure, rollback = rollback, resumable = resumable }, {
  'status', status, 'state', state, 'rows', rows_after, 'events', events_after, 'updated', made, 'finished', made,
})
if takes then
  take_answer(takes, results)
  redis.call('HSET', record, 'epoch', epoch)
  stop_waiting()
else
  redis.call('ZREM', leases, run)
end
if is_listed then
  redis.call('ZADD', failed, made, run)
end
if #tasks > 0 then
  end_children(tasks)
  end_tasks(tasks, known_queues)
end
if keeps_log == '1' then
  write_rows(log, lists)
  write_store(run_store, after_events)
  for at = consumed + 1, behind(consumed, 1) - 1 do
    redis.call('HDEL', inbox, arguments[at])
  end
  for _, answer in ipairs(answers) do
    redis.call('HDEL', inbox, answer)
  end
else
  redis.call('UNLINK', log, run_store, inbox)
  unread = 0
end
if unread > 0 then
  redis.call('HSET', record, 'signals', number_text(unread))
elseif found[7] then
  redis.call('HDEL', record, 'signals')
end
if retention_ms ~= '0' then
  for _, key in ipairs(keeps_log == '1' and { record, log, run_store, inbox } or { record }) do
    redis.call('PEXPIRE', key, retention_ms)
  end
end
local sequence = arguments[last + event_sequence]
for stream = more_keys, first_queue - 1 do
  reply(keys[stream], event_fields(envelope, run .. '/' .. sequence, arguments[last + event_type], arguments[last + event_time],
    sequence, arguments[last + event_data]))
end
if parent then
  return { 'told', tell_parent(parent) }
end
return 'ok'
