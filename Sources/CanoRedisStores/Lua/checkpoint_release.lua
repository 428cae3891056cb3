#!lua flags=allow-oom
-- Gives its caller's run back: anybody may take it from now on.
--
-- KEYS  1 the run
-- ARGV  1 owner, 2 epoch
-- Gives ok or lost.
if not is_owned(KEYS[1]) then
  return 'lost'
end
redis.call('HDEL', KEYS[1], 'owner', 'lease')
return 'ok'
