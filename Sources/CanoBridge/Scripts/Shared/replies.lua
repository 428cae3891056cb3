-- Answering, for scripts with the arguments reply_length and reply_retention_ms.

-- Redis reserves so much for the entries of a new stream, whatever is in it (stream-node-max-bytes).
local reserved_bytes = 4096

-- A reply stream keeps about its last answers and goes away some time after the last one. Where its key holds something
-- else, or its ids are used up, nothing can be answered, which must not hold up the run: its record has the result.
local function reply(stream, ...)
  local id = redis.pcall('XADD', stream, 'MAXLEN', '~', reply_length, '*', ...)
  if type(id) ~= 'string' then
    return
  end
  redis.call('PEXPIRE', stream, reply_retention_ms)
  local data = select('#', ...)
  if redis.call('XLEN', stream) == 1 and #select(data, ...) < reserved_bytes / 2 then
    -- Many streams never have a second answer. Loaded from its dump, a stream takes what its entries do: a seventh, as a rule. Where that
    -- is refused, as the permissions may be, it is as good as it was.
    local dump = redis.pcall('DUMP', stream)
    if type(dump) == 'string' then
      redis.pcall('RESTORE', stream, reply_retention_ms, dump, 'REPLACE')
    end
  end
end
