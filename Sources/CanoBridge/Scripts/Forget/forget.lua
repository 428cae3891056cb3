#!lua flags=allow-oom
-- Takes a name off lists once what it names is gone.
--
-- Behind the key: the sorted sets it is listed in.
--
-- Gives forgotten, or known: there is what it names, and nothing was written.
if redis.call('EXISTS', subject) == 1 then
  return 'known'
end
for list = more_keys, #keys do
  redis.call('ZCARD', keys[list])
end
for list = more_keys, #keys do
  redis.call('ZREM', keys[list], name)
end
return 'forgotten'
