#!lua
-- Takes what a worker has answered off its stream. The output of its task, or why that failed, goes into the inbox of its run, the task off
-- its queue, and a run that waits for it is woken, or claimed: epoch is then one more than the record's, else empty. A task that was given
-- back is on its queue again, with an entry of its own; one whose answer comes from elsewhere is off it, and still open.
--
-- Behind the keys: those of the task's queue, where the leg is open; queue is its name, else empty. workflow and version are what the
-- record says, empty where it says nothing: leases and waits are the lists of the two. kind is what the worker answered, signal what the run
-- gets to know of it.
--
-- A task is done by the first worker that does it, whichever attempt that is at; all other answers are of the present attempt only.
--
-- A bridge that holds the run says how far it is, in held_rows and held_events: it is given what may have changed, and nothing is written
-- where the run is another one by now. Without one they are empty.
--
-- Gives claimed, how (wait, or again when it is sent again), and the run: record, log, store, inbox, open tasks, each flat; held,
-- why it is to be cancelled or nothing, inbox and open tasks, where the bridge holds it; woke, kept,
-- released and how often in a row, deferred, or late (that was told, and is all); gone (it was taken already); or moved: the record or
-- the task is not the one that was read.
local task_queue = keys[more_keys] and queue_at(more_keys)

local is_held = held_rows ~= ''
local found = find_run(is_held)
-- Of a run that is held all its open tasks, and what it remembers of this one.
local open, kept = {}, nil
if is_held then
  open = redis.call('HGETALL', open_tasks)
  for at = 1, #open, 2 do
    kept = open[at] == leg and open[at + 1] or kept
  end
else
  kept = redis.call('HGET', open_tasks, leg)
end
local task = open_task(kept)
local now = redis_time()
-- Whether it waits as this bridge has put it down: no other has had it since.
local function is_put_down()
  return found.status == 'waiting' and found.bridge == bridge and (tonumber(found.epoch) or -1) + 1 == tonumber(epoch)
    and found.rows == held_rows and found.events == held_events
end
-- To a bridge that holds the run: what is known already is not read again.
local function held(how)
  local others = {}
  for at = 1, #open, 2 do
    if how == 'again' or open[at] ~= leg then
      others[#others + 1] = open[at]
      others[#others + 1] = open[at + 1]
    end
  end
  local signals = how == 'wait' and found.unread == 0 and { answer_id, signal } or redis.call('HGETALL', inbox)
  return { 'held', found.cancel, signals, others }
end
local give = is_held and held or claimed
-- Whether the answer has not been taken. It is asked for where that is not known from taking it, for all of it has to be read.
local function is_there()
  return #redis.call('XRANGE', results, entry, entry) > 0
end
if was_claimed(found) and not is_there() then
  return give('again')
end
if is_held and not is_put_down() then
  return 'moved'
end
if found.workflow ~= workflow or found.version ~= version
  or task and task.entry ~= '-' and task.queue ~= queue then
  return 'moved'
end
-- Returns whether it was there to be taken.
local function take()
  local is_taken = redis.call('XDEL', results, entry) == 1
  redis.call('XACK', results, group, entry)
  return is_taken
end

local counts = is_under_way(found) and task and task.entry ~= '-' and task.nonce == nonce
  and (kind == 'complete' or task.attempt == attempt)
local given_back
if counts and kind == 'release' then
  given_back = redis.call('XRANGE', task_queue.stream, task.entry, task.entry)[1]
  counts = given_back
end
if (not counts or given_back) and not is_there() then
  return 'gone'
end
if not counts then
  local envelope = {
    bridge = bridge, epoch = '0', source = source_prefix .. workflow, subject = run, workflow = workflow,
    traceparent = found.traceparent,
  }
  add_entry(events, event_fields(envelope, run .. late_infix .. answer_id, 'cano.task.late', time, '0000000000', late_data))
  take()
  return 'late'
end

if given_back then
  -- It has its place already: it goes before those that are held back, whose ids are ahead of the stream's last.
  local wanted = task_queue.holds and number_text(last_id_time(task_queue.stream)) .. '-*' or '*'
  local id = add_entry_as(wanted, task_queue.stream, unpack(given_back[2]))
  take()
  withdraw(leg, task, task_queue)
  task.entry, task.released = id, number_text(tonumber(task.released) + 1)
  keep_task(leg, task)
  if task.queue_ms ~= '-' then
    redis.call('ZADD', deadlines, number_text(now + tonumber(task.queue_ms)), run .. leg)
  end
  return { 'released', tonumber(task.released) }
end
if not take() then
  return 'gone'
end
withdraw(leg, task, task_queue)
if kind == 'defer' then
  task.deadline = number_text(now + tonumber(up_to_ms))
  keep_task(leg, task)
  redis.call('ZADD', deadlines, task.deadline, run .. leg)
  return 'deferred'
end
redis.call('HDEL', open_tasks, leg)
return bring(answer_id, signal, found, now, give)
