-- What commands about a schedule share. Two bridges may take two of them in another order than they were published in, so
-- a schedule remembers what it was set or removed by, and what was published before that changes nothing any more.

local reply_stream = keys[more_keys]

-- What a schedule remembers of an entry that is not older than what it remembers already: its id, or the present where its
-- producer chose an id of the future, so that no other producer is shut out until then.
local function order_of(remembered, now)
  local milliseconds = string.match(entry, '^(%d+)-')
  local order = tonumber(milliseconds) > now and number_text(now) .. '-0' or entry
  return is_older(order, remembered) and remembered or order
end

-- The envelope of events about a schedule of that workflow, for scripts that don't know that beforehand.
local function schedule_envelope(workflow)
  local envelope = run_envelope()
  envelope.workflow = workflow or ''
  envelope.source = envelope.source .. envelope.workflow
  return envelope
end

-- Publishes what became of the command, to its requester too, and takes it off its stream: before whatever else the script writes. With the
-- start of a run, as add_entries takes it, that is published as well, or nothing is. Returns the start's entry.
local function answer_schedule_command(envelope, event_type, data, start)
  local id = 'schedule/' .. run .. '/' .. command_id
  local event = { event_fields(envelope, id, event_type, time, '0000000000', data) }
  event.stream = events
  local ids = add_entries({ event, start })
  redis.call('XDEL', commands, entry)
  redis.call('XACK', commands, group, entry)
  if reply_stream then
    reply(reply_stream, event_fields(envelope, id, event_type, time, '0000000000', data))
  end
  return ids[2]
end
