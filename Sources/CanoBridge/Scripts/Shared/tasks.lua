-- The tasks of a run that workers have or are to take; for the keys open_tasks and deadlines. Open tasks are a hash: the leg that waits for
-- the answer → entry, attempt, nonce, lease, how long it may be in its queue, queue, how often it was given back and how often its worker
-- was lost, and until when the answer may come from elsewhere. A dash stands for none; without an entry the leg is closed, and only how
-- often its worker was lost is kept.

local function open_task(text)
  local parts = {}
  for part in string.gmatch(text or '', '%S+') do
    parts[#parts + 1] = part
  end
  if #parts ~= 9 then
    return nil
  end
  return {
    entry = parts[1], attempt = parts[2], nonce = parts[3], lease_ms = parts[4], queue_ms = parts[5], queue = parts[6],
    released = parts[7], losses = parts[8], deadline = parts[9],
  }
end

local function keep_task(leg, task)
  redis.call('HSET', open_tasks, leg, string.format('%s %s %s %s %s %s %s %s %s', task.entry, task.attempt, task.nonce, task.lease_ms,
    task.queue_ms, task.queue, task.released, task.losses, task.deadline))
end

-- Takes a task off its queue. Without a queue it stays there, and nothing waits for it.
local function withdraw(leg, task, queue)
  if queue and task.entry ~= '-' then
    remove_entry(queue, task.entry)
  end
  if task.deadline ~= '-' or task.queue_ms ~= '-' then
    redis.call('ZREM', deadlines, run .. leg)
  end
end

-- The names of the queues that open tasks are on, given as HGETALL gives them, unless all of them are among those known.
local function missing_queues(contents, known)
  local names, is_missing = {}, false
  local list = ''
  for at = 2, #contents, 2 do
    local task = open_task(contents[at])
    if task and task.entry ~= '-' and task.deadline == '-' and not names[task.queue] then
      names[task.queue] = true
      list = list .. (list == '' and '' or ',') .. task.queue
      is_missing = is_missing or not known[task.queue]
    end
  end
  return is_missing and list
end

-- Withdraws all tasks of a run that ends.
local function end_tasks(contents, known)
  for at = 1, #contents, 2 do
    local task = open_task(contents[at + 1])
    if task then
      withdraw(contents[at], task, known[task.queue])
    end
  end
  if #contents > 0 then
    redis.call('UNLINK', open_tasks)
  end
end
