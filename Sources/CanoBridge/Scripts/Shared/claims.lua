-- What the scripts share that make a run their bridge's; for the keys record, log, run_store and events.

-- The answer that gives the run, whole.
local function claimed(how)
  return {
    'claimed', how, redis.call('HGETALL', record), redis.call('LRANGE', log, 0, -1), redis.call('HGETALL', run_store),
  }
end

-- Publishes that the run goes on under another owner, or again: before whatever else the script writes.
local function publish_resumed(sequence, about)
  add_entry(events, event_fields(run_envelope(), run .. '/' .. sequence, 'cano.run.resumed', time, sequence,
    fill(resumed_template, {
      state = quoted(about.state or ''), row = number_text(tonumber(about.rows) - 1), previous_bridge = quoted(about.previous or ''),
      recoveries = number_text(about.recoveries), by = quoted(about.by),
    })))
end
