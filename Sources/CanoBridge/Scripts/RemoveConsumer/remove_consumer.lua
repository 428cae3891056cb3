#!lua flags=allow-oom
-- Removes a consumer that has nothing pending and has not asked for anything for so long.
--
-- Gives 1 when it was removed, else 0.
for _, found in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
  local about = {}
  for field = 1, #found, 2 do
    about[found[field]] = found[field + 1]
  end
  if about.name == consumer and about.pending == 0 and about.idle >= tonumber(idle_ms) then
    redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer)
    return 1
  end
end
return 0
