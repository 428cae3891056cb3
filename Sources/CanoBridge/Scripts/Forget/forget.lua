#!lua flags=allow-oom
-- Takes a name off lists once what it names is gone, or is something else than the lists are of.
--
-- Behind the key: the sorted sets it is listed in. The list: the fields of what the lists are of, an empty value where it has none.
--
-- Gives forgotten, or known: there is what it names, and nothing was written.
local is_known = redis.call('EXISTS', subject) == 1
for at = lists + 1, lists + field_width * tonumber(arguments[lists]), field_width do
  is_known = is_known and (redis.call('HGET', subject, arguments[at + field_name]) or '') == arguments[at + field_value]
end
if is_known then
  return 'known'
end
for list = more_keys, #keys do
  redis.call('ZCARD', keys[list])
end
for list = more_keys, #keys do
  redis.call('ZREM', keys[list], name)
end
return 'forgotten'
