#!lua flags=allow-oom
-- Removes the log of a run that is its caller's, or that no lease protects. The epoch is empty for a caller that does not own the run.
--
-- Answers ok, also when there is no log; lost when the run is another owner's.
if redis.call('EXISTS', run) == 1 then
  if epoch == '' then
    if is_leased_to_another(redis.call('HMGET', run, 'owner', 'lease'), owner) then
      return 'lost'
    end
  elseif not is_owned(run, owner, epoch) then
    return 'lost'
  end
  redis.call('DEL', run)
end
return 'ok'
