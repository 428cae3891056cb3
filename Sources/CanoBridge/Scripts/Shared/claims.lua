-- What the scripts share that make a run their bridge's; for the keys record, log, run_store, inbox and open_tasks.

-- The answer that gives the run, whole.
local function claimed(how)
  return {
    'claimed', how, redis.call('HGETALL', record), redis.call('LRANGE', log, 0, -1), redis.call('HGETALL', run_store),
    redis.call('HGETALL', inbox), redis.call('HGETALL', open_tasks),
  }
end
