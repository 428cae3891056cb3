-- What the scripts of a run under way share: the fence, and the lists of rows, events and writes behind their arguments.

-- Compares the record with what the session expects to find. `found` is HMGET bridge epoch status rows events …
-- Returns nil when the step may be written, else the answer to give: again, behind or lost.
local function check_fence(found, status_after, rows_before, events_before, rows_after, events_after)
  if not is_owner(found, bridge, epoch) then
    return 'lost'
  end
  if found[3] == status_after and found[4] == rows_after and found[5] == events_after then
    return 'again'
  end
  if found[3] ~= 'running' then
    return 'lost'
  end
  if found[4] == rows_before and found[5] == events_before then
    return nil
  end
  if tonumber(found[4]) < tonumber(rows_before) or tonumber(found[5]) < tonumber(events_before) then
    return 'behind'
  end
  return 'lost'
end

-- The index behind the list that starts at arguments[index], of items that take so many arguments.
local function behind(index, width)
  return index + 1 + width * tonumber(arguments[index])
end

-- Publishes the numbered events of the list at arguments[index]: before whatever else the script writes. Returns the index behind it.
local function publish_events(stream, envelope, index)
  local after = behind(index, event_width)
  for at = index + 1, after - 1, event_width do
    local sequence = arguments[at + event_sequence]
    local id = envelope.subject .. '/' .. sequence
    if at == index + 1 then
      add_entry(stream, event_fields(envelope, id, arguments[at + event_type], arguments[at + event_time], sequence,
        arguments[at + event_data]))
    else
      -- The stream has taken the first of them.
      redis.call('XADD', stream, '*', event_fields(envelope, id, arguments[at + event_type], arguments[at + event_time], sequence,
        arguments[at + event_data]))
    end
  end
  return after
end

-- Writes the rows of the list at arguments[index]. Returns the index behind it.
local function write_rows(log, index)
  local after = behind(index, 1)
  for row = index + 1, after - 1 do
    redis.call('RPUSH', log, arguments[row])
  end
  return after
end

-- The index behind the run store's writes that start at arguments[index]: the values to set, then the fields to remove.
local function behind_store_writes(index)
  return behind(behind(index, value_width), 1)
end

-- Applies them.
local function write_store(store, index)
  local after = behind(index, value_width)
  for at = index + 1, after - 1, value_width do
    redis.call('HSET', store, arguments[at + value_field], arguments[at + value_json])
  end
  for field = after + 1, behind(after, 1) - 1 do
    redis.call('HDEL', store, arguments[field])
  end
end
