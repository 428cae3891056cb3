-- Handing tasks out and starting children, and withdrawing those that are over; for the keys of tasks, and queues. The lists behind each
-- other: the names of the queues, whose keys stand behind the others; the tasks to hand out; the children to start; the legs that are over.

-- How many fields are read at a time.
local most_fields = 1000

-- What the run remembers of the legs that the lists name, by their names.
local function legs_listed(handed, started, over)
  local names, found = {}, {}
  for at = handed + 1, behind(handed, handed_width) - 1, handed_width do
    names[#names + 1] = arguments[at + handed_leg]
  end
  for at = started + 1, behind(started, child_width) - 1, child_width do
    names[#names + 1] = arguments[at + child_leg]
  end
  for at = over + 1, behind(over, 1) - 1 do
    names[#names + 1] = arguments[at]
  end
  for first = 1, #names, most_fields do
    local texts = redis.call('HMGET', open_tasks, unpack(names, first, math.min(first + most_fields - 1, #names)))
    for place, text in ipairs(texts) do
      found[names[first + place - 1]] = text or nil
    end
  end
  return found
end

-- Whether any of the legs is a child's.
local function has_child(known_legs)
  for _, text in pairs(known_legs) do
    if open_child(text) then
      return true
    end
  end
  return false
end

-- The queues of the list at arguments[index], by their names: their keys are those from that place on. Where one has tasks the group was made with
-- the first of them, and reading a stream's groups costs as much as ten other calls.
local function queues_listed(index, place)
  local found = {}
  for at = index + 1, behind(index, 1) - 1 do
    local queue = queue_at(place)
    queue.was_empty = queue.length == 0
    found[arguments[at]] = queue
    place = place + queue_keys
  end
  return found
end

-- The id of the next task that a queue holds back, ahead of all that its stream has given out.
local function next_held_id(queue)
  local last = queue.held_time or math.max(last_id_time(queue.stream), last_id_time(queue.held))
  queue.held_time = math.max(redis_time(), last + 1)
  return number_text(queue.held_time) .. '-0'
end

-- A task as an entry of its queue: held back, with its queue's capacity as its first field, where there are as many already or others
-- are held back.
local function task_entry(queue, capacity, ...)
  if not queue.holds and (capacity == '' or queue.length < tonumber(capacity)) then
    queue.length = queue.length + 1
    return { stream = queue.stream, queue = queue, ... }
  end
  queue.holds = true
  return {
    stream = queue.held, queue = queue, id = function()
      return next_held_id(queue)
    end,
    'capacity', capacity, ...
  }
end

-- Adds the tasks of one list to their queues, the starts of the children of another to the commands, and what cancels the children of legs
-- that are over, or have another one now: all or, where one can't be added, none. Returns the three, with their entries, and all of them.
local function add_work(handed, started, over, known, known_legs, is_cancelled)
  local work = { tasks = {}, children = {}, all = {} }
  for at = handed + 1, is_cancelled and 0 or behind(handed, handed_width) - 1, handed_width do
    work.tasks[#work.tasks + 1] = task_entry(known[arguments[at + handed_queue]], arguments[at + handed_capacity],
      'task', arguments[at + handed_token], 'run', run, 'workflow', workflow,
      'version', arguments[at + handed_version], 'state', arguments[at + handed_state], 'name', arguments[at + handed_name],
      'attempt', arguments[at + handed_attempt], 'attempts', arguments[at + handed_attempts], 'lease_ms', arguments[at + handed_lease],
      'until', arguments[at + handed_until], 'idempotency_key', arguments[at + handed_idempotency_key],
      'input', arguments[at + handed_input], 'traceparent', arguments[at + handed_traceparent])
  end
  local closed = {}
  for at = started + 1, is_cancelled and 0 or behind(started, child_width) - 1, child_width do
    local start = {
      stream = commands, 'type', 'start', 'workflow', arguments[at + child_workflow], 'id', arguments[at + child_id],
      'input', arguments[at + child_input], 'parent', run, 'root', arguments[at + child_root],
    }
    for field, value in pairs({
      version = arguments[at + child_version], timeout_ms = arguments[at + child_timeout_ms],
      traceparent = arguments[at + child_traceparent], tracestate = arguments[at + child_tracestate],
    }) do
      if value ~= '' then
        start[#start + 1] = field
        start[#start + 1] = value
      end
    end
    work.children[#work.children + 1] = start
    closed[#closed + 1] = arguments[at + child_leg]
  end
  for at = over + 1, behind(over, 1) - 1 do
    closed[#closed + 1] = arguments[at]
  end
  for _, list in ipairs({ work.tasks, work.children }) do
    for _, entry in ipairs(list) do
      work.all[#work.all + 1] = entry
    end
  end
  for _, leg in ipairs(closed) do
    local child = open_child(known_legs[leg])
    work.all[#work.all + 1] = child and child_cancel(child)
  end
  for place, id in ipairs(add_entries(work.all)) do
    work.all[place].entry = id
  end
  return work
end

-- Opens the legs of the tasks that were added, of the list at arguments[index]. What a leg has open is an older attempt, and withdrawn.
local function open_legs(index, known, known_legs, added)
  for place, entry in ipairs(added) do
    local at = index + 1 + (place - 1) * handed_width
    local leg, nonce, limit = arguments[at + handed_leg], arguments[at + handed_nonce], arguments[at + handed_queue_ms]
    local before = open_task(known_legs[leg])
    if before then
      withdraw(leg, before, known[before.queue])
    end
    keep_task(leg, {
      entry = entry.entry, attempt = arguments[at + handed_attempt], nonce = nonce, lease_ms = arguments[at + handed_lease],
      queue_ms = limit == '' and '-' or limit, queue = arguments[at + handed_queue], released = '0',
      losses = before and before.nonce == nonce and before.losses or '0', deadline = '-',
    })
    if limit ~= '' then
      redis.call('ZADD', deadlines, number_text(redis_time() + tonumber(limit)), run .. leg)
    end
    if entry.queue.was_empty then
      ensure_group(entry.queue.stream)
    end
    redis.call('ZADD', queues, made, arguments[at + handed_queue])
  end
end

-- Opens the legs of the children that were started, of the list at arguments[index].
local function open_child_legs(index, known_legs, added)
  for place, entry in ipairs(added) do
    local at = index + 1 + (place - 1) * child_width
    local leg = arguments[at + child_leg]
    local before = open_child(known_legs[leg])
    if before then
      withdraw_child(before)
    end
    redis.call('HSET', open_tasks, leg, string.format('%s %s %s %s %s', arguments[at + child_id], arguments[at + child_attempt],
      arguments[at + child_policy], entry.entry, arguments[at + child_workflow]))
  end
end

-- Withdraws the tasks, and the children, of the legs of the list at arguments[index].
local function close_legs(index, known, known_legs)
  for at = index + 1, behind(index, 1) - 1 do
    local leg = arguments[at]
    local text = known_legs[leg]
    local task, child = open_task(text), open_child(text)
    if task then
      withdraw(leg, task, known[task.queue])
    elseif child then
      withdraw_child(child)
    end
    redis.call('HDEL', open_tasks, leg)
    known_legs[leg] = nil
  end
end
