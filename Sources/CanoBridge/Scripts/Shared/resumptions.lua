-- What the scripts share that have a run go on that was under way; for the key events.

-- Publishes that the run goes on under another owner, or again: before whatever else the script writes.
local function publish_resumed(sequence, about)
  add_entry(events, event_fields(run_envelope(), run .. '/' .. sequence, 'cano.run.resumed', time, sequence,
    fill(resumed_template, {
      state = quoted(about.state or ''), row = number_text(tonumber(about.rows) - 1), previous_bridge = quoted(about.previous or ''),
      recoveries = number_text(about.recoveries), by = quoted(about.by),
    })))
end
