-- Letting a run go on whose wait is met; for the keys of claims and of waking.

-- Claims it for a bridge that has a slot for it, whose epoch is one more than the record's, and else leaves it to the next look of one that
-- has, and sets these fields besides: field, value and so on. An empty epoch stands for no slot. Returns the answer to give; give makes that
-- for a run that is claimed.
local function wake_up(found_epoch, now, give, ...)
  if epoch == '' or (tonumber(found_epoch or '') or -1) + 1 ~= tonumber(epoch) then
    if select('#', ...) > 0 then
      redis.call('HSET', record, ...)
    end
    redis.call('ZADD', waits, '0', run)
    return 'woke'
  end
  wake(number_text(now + tonumber(lease_ms)), 'epoch', epoch, 'bridge', bridge, 'updated', made, ...)
  return (give or claimed)('wait')
end
