#!lua
-- Gives up an attempt at a task that no worker will answer: its worker was silent for longer than the lease, or its entry is gone; no worker
-- has taken it for as long as it may be in its queue; or its answer was to come from elsewhere until now. The failure goes into the inbox of
-- its run, the task off its queue, and a run that waits for it is woken, or claimed: epoch is then one more than the record's, else empty.
--
-- workflow and version are what the record says, empty where it says nothing: leases and waits are the lists of the two. cause is what seems
-- to be the matter; signal is what the run gets to know, last_signal where the task is over with it, whatever attempts are left: it has lost
-- as many workers as it may.
--
-- Gives claimed, how (wait, or again when it is sent again), and the run: record, log, store, inbox, open tasks, each flat; woke, kept;
-- not-due (nothing is the matter, or something else); gone (the leg does not wait for this entry, or its run is over: the entry goes);
-- or moved: the record says something else than these arguments.
local found = find_run()
local task = open_task(redis.call('HGET', open_tasks, leg))
local task_queue = queue_at(more_keys)
local now = redis_time()
local is_leg = task and task.entry == entry
if not (is_leg and is_under_way(found)) and was_claimed(found) then
  return claimed('again')
end
if found.workflow ~= workflow or found.version ~= version then
  return 'moved'
end
if not is_leg or not is_under_way(found) then
  remove_entry(task_queue, entry)
  if is_leg then
    redis.call('HDEL', open_tasks, leg)
  end
  if is_leg or not task or task.deadline == '-' and task.queue_ms == '-' then
    redis.call('ZREM', deadlines, run .. leg)
  end
  return 'gone'
end

-- Up to which entry workers have been given those of the queue; nil where they have no group.
local function last_delivered()
  for _, about in ipairs(redis.call('XINFO', 'GROUPS', task_queue.stream)) do
    local group = {}
    for field = 1, #about, 2 do
      group[about[field]] = about[field + 1]
    end
    if group.name == workers_group then
      return group['last-delivered-id']
    end
  end
end

local function matter()
  if task.deadline ~= '-' then
    return tonumber(task.deadline) <= now and deferral_over
  end
  if #redis.call('XRANGE', task_queue.stream, entry, entry) == 0 then
    if not task_queue.holds or #redis.call('XRANGE', task_queue.held, entry, entry) == 0 then
      return worker_lost
    end
  else
    local delivered = last_delivered()
    local pending = delivered and redis.call('XPENDING', task_queue.stream, workers_group, entry, entry, '1')[1]
    if pending then
      if cause == no_worker then
        -- It was taken in time.
        redis.call('ZREM', deadlines, run .. leg)
      end
      return tonumber(pending[3]) >= tonumber(task.lease_ms) and worker_lost
    end
    if delivered and not is_older(delivered, entry) then
      -- It was acknowledged, which no worker may do.
      return worker_lost
    end
  end
  local untaken_until = redis.call('ZSCORE', deadlines, run .. leg)
  return untaken_until and tonumber(untaken_until) <= now and no_worker
end

if matter() ~= cause then
  return 'not-due'
end
withdraw(leg, task, task_queue)
local losses = tonumber(task.losses) + 1
if cause == worker_lost and losses < most_losses then
  task.entry, task.deadline, task.losses = '-', '-', number_text(losses)
  keep_task(leg, task)
  return bring(answer_id, signal, found, now)
end
redis.call('HDEL', open_tasks, leg)
return bring(answer_id, cause == worker_lost and last_signal or signal, found, now)
