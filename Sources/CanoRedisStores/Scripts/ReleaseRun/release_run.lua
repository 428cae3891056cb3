#!lua flags=allow-oom
-- Gives its caller's run back: any owner may acquire it from now on.
--
-- Answers ok or lost.
if not is_owned(run, owner, epoch) then
  return 'lost'
end
redis.call('HDEL', run, 'owner', 'lease')
return 'ok'
