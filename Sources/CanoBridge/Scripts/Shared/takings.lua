-- Taking a worker's answer with the step that it led to: the bridge held the run, and has gone on with it before Redis knew. For the keys of
-- waking.

-- Whether the run waits as its bridge has put it down, in the epoch before this one. `found` is HMGET bridge epoch status rows events …
local function is_put_down(found)
  return found[3] == 'waiting' and found[1] == bridge and (tonumber(found[2] or '') or -1) + 1 == tonumber(epoch)
    and found[4] == rows_before and found[5] == events_before
end

-- Whether the answer of the item at arguments[at] is still to be taken, and is to the task that the run waits for.
local function is_awaited(at, task, results)
  local entry = arguments[at + taken_entry]
  return task and task.entry ~= '-' and task.attempt == arguments[at + taken_attempt] and task.nonce == arguments[at + taken_nonce]
    and #redis.call('XPENDING', results, bridges_group, entry, entry, '1') > 0
end

-- Takes it off its stream.
local function take_answer(at, results)
  redis.call('XDEL', results, arguments[at + taken_entry])
  redis.call('XACK', results, bridges_group, arguments[at + taken_entry])
end

-- Sets the fields of a step after which the run goes on, and makes it the bridge's again where the step took an answer, of the item at
-- arguments[at].
local function go_on(at, fields)
  if not at then
    return redis.call('HSET', record, unpack(fields))
  end
  wake(number_text(redis_time() + tonumber(arguments[at + taken_lease_ms])), unpack(fields))
end
