-- Shared by every script: it is put below the script's own header line when the script is loaded.

-- The fields of one CloudEvent, always in this order.
local function event_fields(envelope, id, type, time, sequence, data)
  return 'specversion', '1.0', 'id', id, 'source', envelope.source, 'type', type, 'subject', envelope.subject,
    'time', time, 'workflow', envelope.workflow, 'sequence', sequence, 'epoch', envelope.epoch,
    'bridge', envelope.bridge, 'traceparent', envelope.traceparent,
    'datacontenttype', 'application/json', 'data', data
end

-- A reply stream keeps about its last answers and goes away some time after the last one. Where its key holds something
-- else nothing can be answered, which must not hold up the run: its record has the result.
local function reply(stream, length, retention, ...)
  local kind = redis.call('TYPE', stream)['ok']
  if kind ~= 'none' and kind ~= 'stream' then
    return
  end
  redis.call('XADD', stream, 'MAXLEN', '~', length, '*', ...)
  redis.call('PEXPIRE', stream, retention)
end

-- What every script of a run that is under way begins with.
local function run_envelope()
  return {
    bridge = ARGV[1], epoch = ARGV[2], source = ARGV[3], subject = ARGV[4], workflow = ARGV[5], traceparent = ARGV[6],
  }
end

-- Publishes the numbered events that start at ARGV[index] (their count, then type, time, sequence, data of each).
-- Returns the index behind them and the fields of the last one.
local function publish_events(stream, envelope, index)
  local count = tonumber(ARGV[index])
  index = index + 1
  for _ = 1, count do
    redis.call('XADD', stream, '*', event_fields(envelope, envelope.subject .. '/' .. ARGV[index + 2],
      ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3]))
    index = index + 4
  end
  return index
end

-- The index behind the rows that start at ARGV[index].
local function skip_rows(index)
  return index + 1 + tonumber(ARGV[index])
end

-- Writes the rows that start at ARGV[index]: their count, then these. Returns the index behind them.
local function write_rows(log, index)
  local after = skip_rows(index)
  for row = index + 1, after - 1 do
    redis.call('RPUSH', log, ARGV[row])
  end
  return after
end

-- The index behind the events that start at ARGV[index].
local function skip_events(index)
  return index + 1 + 4 * tonumber(ARGV[index])
end

-- The index behind the run store's writes that start at ARGV[index].
local function skip_store_writes(index)
  index = index + 1 + 2 * tonumber(ARGV[index])
  return index + 1 + tonumber(ARGV[index])
end

-- Applies the run store's writes that start at ARGV[index]: how many fields to set, these, how many to delete, these.
local function write_store(store, index)
  local last = index + 2 * tonumber(ARGV[index])
  for field = index + 1, last, 2 do
    redis.call('HSET', store, ARGV[field], ARGV[field + 1])
  end
  index = last + 1
  for field = index + 1, index + tonumber(ARGV[index]) do
    redis.call('HDEL', store, ARGV[field])
  end
end

-- Compares the record with what the session expects to find. `found` is HMGET bridge epoch status rows events …
-- Returns nil when the step may be written, else the answer to give: again, behind or lost.
local function check_fence(found, status_after, rows_before, events_before, rows_after, events_after)
  if not is_owner(found, ARGV[1], ARGV[2]) then
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

local function padded(number)
  return string.format('%010d', tonumber(number) or 0)
end

-- When a run begins that a script begins: when the script was made (ARGV 7), like the event that says so, unless it was repeated
-- for more than a second. Then that is too long ago to reckon the run's time from.
local function beginning(now)
  local made = tonumber(ARGV[7])
  return math.abs(now - made) > 1000 and now or made
end

-- Sets the fields that have a value.
local function set_fields(record, fields)
  for field, value in pairs(fields) do
    if value and value ~= '' then
      redis.call('HSET', record, field, value)
    end
  end
end

-- The data of `cancelled` for a run that had done nothing yet.
local function cancelled_data(state, reason)
  return '{"state":' .. cjson.encode(state or '') .. ',"reason":' .. cjson.encode(reason)
    .. ',"rollback":"none","duration_ms":0}'
end

-- Publishes that a run goes on under another owner, or again.
local function publish_resumed(events, envelope, time, sequence, about)
  local data = '{"state":' .. cjson.encode(about.state) .. ',"row":' .. number_text(tonumber(about.rows) - 1)
    .. ',"previous_bridge":' .. cjson.encode(about.previous) .. ',"recoveries":' .. number_text(about.recoveries)
    .. ',"by":"' .. about.by .. '"}'
  redis.call('XADD', events, '*',
    event_fields(envelope, envelope.subject .. '/' .. sequence, 'cano.run.resumed', time, sequence, data))
end

-- Adds a name to those a run's terminal event is sent to, while there is room among them.
local function add_reply_name(record, list, name)
  local count = 0
  for existing in string.gmatch(list or '', '[^,]+') do
    if existing == name then
      return
    end
    count = count + 1
  end
  if name ~= '' and count < 8 then
    redis.call('HSET', record, 'reply_to', count == 0 and name or list .. ',' .. name)
  end
end

-- Answers a command whose run is known already, and lets its requester have the terminal event too while there is
-- room among the run's reply names. The entry was consumed before, so nothing here may fail, whatever the record holds.
local function answer_duplicate(record, answer)
  if not answer.stream then
    return
  end
  local run = redis.call('HMGET', record, 'status', 'workflow', 'input', 'output', 'error', 'events', 'epoch', 'bridge',
    'reply_to', 'traceparent')
  local workflow = run[2] or ''
  local data = '{"status":"' .. run[1] .. '"'
  if answer.is_start then
    data = data .. ',"same_workflow":' .. tostring(run[2] == answer.workflow)
      .. ',"same_input":' .. tostring(run[3] == answer.input)
  end
  if run[4] and #run[4] <= 65536 then
    data = data .. ',"output":' .. run[4]
  elseif run[5] then
    data = data .. ',"error":' .. run[5]
  end
  local envelope = {
    source = answer.source_prefix .. workflow, subject = answer.subject, workflow = workflow, epoch = run[7] or '0',
    bridge = run[8] or answer.bridge, traceparent = run[10] or '',
  }
  reply(answer.stream, answer.length, answer.retention, event_fields(envelope,
    answer.subject .. '/duplicate/' .. answer.entry, 'cano.run.duplicate', answer.time, padded(run[6]), data .. '}'))
  if run[1] == 'running' or run[1] == 'scheduled' then
    add_reply_name(record, run[9], answer.name)
  end
end
