-- Publishing events, which all scripts of a run do.

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

-- The fields of one CloudEvent, always in this order.
local function event_fields(envelope, id, type, time, sequence, data)
  return 'specversion', '1.0', 'id', id, 'source', envelope.source, 'type', type, 'subject', envelope.subject,
    'time', time, 'workflow', envelope.workflow, 'sequence', sequence, 'epoch', envelope.epoch,
    'bridge', envelope.bridge, 'traceparent', envelope.traceparent,
    'datacontenttype', 'application/json', 'data', data
end
