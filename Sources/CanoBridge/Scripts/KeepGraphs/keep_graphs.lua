#!lua flags=allow-oom
-- Keeps the graphs of the workflows that a bridge has, and, where there are too many, forgets those of workflows that bridges are not known to
-- have had any more.
--
-- The list: each workflow in its version, with its graph; an empty one asks whether there is one.
--
-- Gives the workflows that there is none of.
redis.call('ZCARD', known)
redis.call('HLEN', graphs)
local missing = {}
for at = lists + 1, lists + graph_width * tonumber(arguments[lists]), graph_width do
  local name, json = arguments[at + graph_name], arguments[at + graph_json]
  local found = redis.call('HGET', graphs, name)
  if json == '' then
    if not found then
      missing[#missing + 1] = name
    end
  elseif found ~= json then
    redis.call('HSET', graphs, name, json)
  end
end
if redis.call('HLEN', graphs) > tonumber(most_known) then
  for _, name in ipairs(redis.call('HKEYS', graphs)) do
    if not redis.call('ZSCORE', known, name) then
      redis.call('HDEL', graphs, name)
    end
  end
end
return missing
