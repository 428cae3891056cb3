#!lua flags=allow-oom
-- Removes the log of a run that is its caller's, or nobody's.
--
-- KEYS  1 the run
-- ARGV  1 owner, 2 epoch, or nothing when the caller does not have the run
-- Gives ok, also when there is no log; lost when the run is somebody else's.
local run = KEYS[1]
if redis.call('EXISTS', run) == 1 then
  if ARGV[2] == '' then
    if is_leased(redis.call('HMGET', run, 'owner', 'lease')) then
      return 'lost'
    end
  elseif not is_owned(run) then
    return 'lost'
  end
  redis.call('DEL', run)
end
return 'ok'
