#!lua flags=allow-oom
-- Removes a consumer that has nothing pending and has not asked for anything for long.
--
-- KEYS  stream
-- ARGV  1 group, 2 consumer, 3 how long it has been idle at least, in ms
-- Gives 1 when it was removed, else 0.
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local about = {}
  for field = 1, #consumer, 2 do
    about[consumer[field]] = consumer[field + 1]
  end
  if about.name == ARGV[2] and about.pending == 0 and about.idle >= tonumber(ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 1
  end
end
return 0
