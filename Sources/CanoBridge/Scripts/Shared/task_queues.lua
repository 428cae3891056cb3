-- Queues of tasks. One is a table with the keys of its stream and of the tasks that are held back until the stream has room for them, how
-- many the stream has, and whether any are held back. A task has the same entry id on both, so the ids of held tasks are ahead of all that
-- the stream has given out, one millisecond each.

-- The queue whose keys are those from that place on. Fails where one is no stream.
local function queue_at(place)
  local queue = { stream = keys[place], held = keys[place + 1] }
  queue.length = redis.call('XLEN', queue.stream)
  queue.holds = redis.call('XLEN', queue.held) > 0
  return queue
end

-- The time of the last id that a stream has given out, in milliseconds; 0 where there is no stream.
local function last_id_time(stream)
  local about = redis.pcall('XINFO', 'STREAM', stream)
  for field = 1, about.err and 0 or #about, 2 do
    if about[field] == 'last-generated-id' then
      return tonumber(string.match(about[field + 1], '^%d+'))
    end
  end
  return 0
end

-- Makes the group that workers read a stream by, and the stream, unless they are there.
local function ensure_group(stream)
  -- An error says that there is no stream.
  for _, about in ipairs(redis.pcall('XINFO', 'GROUPS', stream)) do
    -- Its name comes first.
    if about[2] == workers_group then
      return
    end
  end
  redis.call('XGROUP', 'CREATE', stream, workers_group, '0', 'MKSTREAM')
end

-- Puts tasks that are held back on their queue's stream, in their order, while that has room for the first of them: its first field is the
-- capacity that it was handed out with, empty for one without. Returns how many were put there, of many only some at a time.
local most_admitted = 100

local function admit(queue)
  local admitted = 0
  while queue.holds and admitted < most_admitted do
    local first = redis.call('XRANGE', queue.held, '-', '+', 'COUNT', '1')[1]
    queue.holds = first ~= nil
    local capacity = first and tonumber(first[2][2])
    local length = redis.call('XLEN', queue.stream)
    if not first or capacity and length >= capacity then
      break
    end
    if length == 0 then
      ensure_group(queue.stream)
    end
    if type(redis.pcall('XADD', queue.stream, first[1], unpack(first[2], 3))) == 'table' then
      -- Only an entry that no bridge has added is ahead of it. With another id it is worked on all the same.
      redis.call('XADD', queue.stream, '*', unpack(first[2], 3))
    end
    redis.call('XDEL', queue.held, first[1])
    admitted = admitted + 1
  end
  return admitted
end

-- Takes an entry off a queue, and out of the hands of the worker that has it; the next one that is held back takes its place.
local function remove_entry(queue, entry)
  if redis.call('XDEL', queue.stream, entry) == 0 and queue.holds then
    redis.call('XDEL', queue.held, entry)
  end
  redis.call('XACK', queue.stream, workers_group, entry)
  admit(queue)
end

-- The queues whose names are separated by commas, by their names: their keys are those from that place on.
local function queues_at(names, place)
  local found = {}
  for name in string.gmatch(names, '[^,]+') do
    found[name] = queue_at(place)
    place = place + queue_keys
  end
  return found
end
