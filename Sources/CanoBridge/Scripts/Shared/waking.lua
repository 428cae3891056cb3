-- Letting a run go on that waits; for the keys record, leases and waits.

-- Makes it one that is under way, with this lease, and sets these fields besides: field, value and so on.
local function wake(lease, ...)
  redis.call('HSET', record, 'status', 'running', ...)
  redis.call('HDEL', record, 'waits', 'waiting_for', 'waiting_since', 'wake_at')
  redis.call('ZREM', waits, run)
  redis.call('ZADD', leases, lease, run)
end
