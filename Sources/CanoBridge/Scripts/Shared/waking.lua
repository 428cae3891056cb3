-- Letting a run go on, or end, that waits; for the keys record, leases and waits.

-- It waits for nothing any more.
local function stop_waiting()
  redis.call('HDEL', record, 'waits', 'waiting_for', 'waiting_since', 'wake_at')
  redis.call('ZREM', waits, run)
end

-- Makes it one that is under way, with this lease, and sets these fields besides: field, value and so on.
local function wake(lease, ...)
  redis.call('HSET', record, 'status', 'running', ...)
  stop_waiting()
  redis.call('ZADD', leases, lease, run)
end
