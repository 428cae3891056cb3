-- What the scripts share that make a run their bridge's; for its record, log, run_store, inbox and open_tasks.

-- What a run has besides its record: log, store, inbox and open tasks. Fails where one of them is something else.
local function contents_of_run()
  return redis.call('LRANGE', log, 0, -1), redis.call('HGETALL', run_store), redis.call('HGETALL', inbox),
    redis.call('HGETALL', open_tasks)
end

-- The answer that gives the run, whole.
local function claimed(how)
  return { 'claimed', how, redis.call('HGETALL', record), contents_of_run() }
end
