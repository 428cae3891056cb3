-- What scripts about a run share; for bridge, epoch, source, run, workflow and traceparent.

-- What stands on every event of the run.
local function run_envelope()
  return { bridge = bridge, epoch = epoch, source = source, subject = run, workflow = workflow, traceparent = traceparent }
end
