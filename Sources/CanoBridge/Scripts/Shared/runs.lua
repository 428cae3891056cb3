-- What scripts about one run share. Their arguments begin with bridge, epoch, source, run, workflow, traceparent, made.

-- What stands on every event of the run.
local function run_envelope()
  return { bridge = bridge, epoch = epoch, source = source, subject = run, workflow = workflow, traceparent = traceparent }
end
