#!lua flags=allow-oom
-- Extends the lease of its caller's run.
--
-- KEYS  1 the run
-- ARGV  1 owner, 2 epoch, 3 length of the lease in milliseconds
-- Gives ok or lost.
if not is_owned(KEYS[1]) then
  return 'lost'
end
extend_lease(KEYS[1], ARGV[3])
return 'ok'
