-- Publishing events. What an event says is worded in Swift; where only Redis knows a part of it, that part is filled in here.

local function padded(number)
  return string.format('%010d', tonumber(number) or 0)
end

-- A text as JSON, quotes included. Slashes stay as they are, as everywhere on the bus.
local function quoted(text)
  return (string.gsub(cjson.encode(text), '\\/', '/'))
end

-- Fills the holes of a template with JSON. A hole without a value leaves its member out.
local function fill(template, values)
  return (string.gsub(template, '\1([%l_]+)\2([^\1]*)\1', function(name, member)
    local value = values[name]
    return value and member .. value or ''
  end))
end

-- From here on, a million ids are left at most.
local last_free_id = '18446744073709551615-18446744073708551615'

-- Adds an entry to a stream that has to take it. It goes before whatever else a script writes: where the key holds something else,
-- or the stream has used up its ids, the script fails with nothing written, and says which key is the matter.
local function add_entry_as(wanted, stream, ...)
  local id = redis.pcall('XADD', stream, wanted, ...)
  if type(id) == 'table' then
    if string.find(id.err, 'WRONGTYPE') or string.find(id.err, 'exhausted') then
      error({ err = string.format('%s: rename %s, or delete it', id.err, stream) })
    end
    -- Refused for another reason, it is refused again: raised by the call, the error has the line that names the command.
    return redis.call('XADD', stream, wanted, ...)
  end
  -- Only an id that its producer chose is so close to the largest there is. More entries may follow in the same script.
  if #id == #last_free_id and id > last_free_id then
    redis.call('XDEL', stream, id)
    error({ err = string.format('ERR %s has used up its ids: rename it, or delete it', stream) })
  end
  return id
end

local function add_entry(stream, ...)
  return add_entry_as('*', stream, ...)
end

-- Adds entries to several streams, given as tables with the stream, a function that makes the id if that is chosen, and the fields: all or, where
-- one fails, none. Returns their ids.
local function add_entries(entries)
  local ids = {}
  for index, entry in ipairs(entries) do
    local is_added, id = pcall(add_entry_as, entry.id and entry.id() or '*', entry.stream, unpack(entry))
    if not is_added then
      for earlier = 1, index - 1 do
        redis.call('XDEL', entries[earlier].stream, ids[earlier])
      end
      error(id)
    end
    ids[index] = id
  end
  return ids
end

-- The fields of one CloudEvent, always in this order.
local function event_fields(envelope, id, type, time, sequence, data)
  return 'specversion', '1.0', 'id', id, 'source', envelope.source, 'type', type, 'subject', envelope.subject,
    'time', time, 'workflow', envelope.workflow, 'sequence', sequence, 'epoch', envelope.epoch,
    'bridge', envelope.bridge, 'traceparent', envelope.traceparent,
    'datacontenttype', 'application/json', 'data', data
end
