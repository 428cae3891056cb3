-- Answering, for scripts with the arguments reply_length and reply_retention_ms.

-- A reply stream keeps about its last answers and goes away some time after the last one. Where its key holds something
-- else, or its ids are used up, nothing can be answered, which must not hold up the run: its record has the result.
local function reply(stream, ...)
  local id = redis.pcall('XADD', stream, 'MAXLEN', '~', reply_length, '*', ...)
  if type(id) == 'string' then
    redis.call('PEXPIRE', stream, reply_retention_ms)
  end
end
