#!lua
-- Calls each command that scripts call and bridges send, and that a bridge can't do without, on a key that is gone afterwards. Redis doesn't
-- undo half a script, so what a user may not call must be known before any other script is.
--
-- Gives the commands that the user may not call, as access control lists name them.
local denied = {}

local function try(rule, ...)
  local answer = redis.pcall(...)
  -- In the words of Redis 7.0, and of later ones. Any other error is about the key, and comes after the permission.
  local problem = type(answer) == 'table' and answer.err or ''
  if string.find(problem, 'user executing the script') or string.find(problem, 'ACL failure in script') then
    denied[#denied + 1] = rule
  end
end

try('time', 'TIME')
try('hset', 'HSET', probe, 'field', '1')
try('hget', 'HGET', probe, 'field')
try('hmget', 'HMGET', probe, 'field')
try('hgetall', 'HGETALL', probe)
try('hlen', 'HLEN', probe)
try('hexists', 'HEXISTS', probe, 'field')
try('hkeys', 'HKEYS', probe)
try('hincrby', 'HINCRBY', probe, 'field', '1')
try('hsetnx', 'HSETNX', probe, 'field', '1')
try('hdel', 'HDEL', probe, 'field')
try('exists', 'EXISTS', probe)
try('type', 'TYPE', probe)
try('del', 'DEL', probe)

try('set', 'SET', probe, '1')
try('get', 'GET', probe)
try('persist', 'PERSIST', probe)
try('unlink', 'UNLINK', probe)

try('rpush', 'RPUSH', probe, '1')
try('lrange', 'LRANGE', probe, '0', '0')
try('llen', 'LLEN', probe)
try('lset', 'LSET', probe, '0', '1')
try('ltrim', 'LTRIM', probe, '0', '-1')

try('zadd', 'ZADD', probe, '1', 'member')
try('zscore', 'ZSCORE', probe, 'member')
try('zcard', 'ZCARD', probe)
try('zcount', 'ZCOUNT', probe, '0', '1')
try('zrangebyscore', 'ZRANGEBYSCORE', probe, '0', '1')
try('zrem', 'ZREM', probe, 'member')
try('zremrangebyscore', 'ZREMRANGEBYSCORE', probe, '0', '1')
try('zremrangebyrank', 'ZREMRANGEBYRANK', probe, '0', '0')

try('xgroup|create', 'XGROUP', 'CREATE', probe, 'group', '0', 'MKSTREAM')
try('xadd', 'XADD', probe, '1-1', 'field', '1')
try('xlen', 'XLEN', probe)
try('xrange', 'XRANGE', probe, '-', '+')
try('xreadgroup', 'XREADGROUP', 'GROUP', 'group', 'consumer', 'STREAMS', probe, '>')
try('xpending', 'XPENDING', probe, 'group')
try('xclaim', 'XCLAIM', probe, 'group', 'consumer', '0', '1-1')
try('xack', 'XACK', probe, 'group', '1-1')
try('xinfo|consumers', 'XINFO', 'CONSUMERS', probe, 'group')
try('xinfo|stream', 'XINFO', 'STREAM', probe)
try('xinfo|groups', 'XINFO', 'GROUPS', probe)
try('memory|usage', 'MEMORY', 'USAGE', probe)
try('xgroup|delconsumer', 'XGROUP', 'DELCONSUMER', probe, 'group', 'consumer')
try('xdel', 'XDEL', probe, '1-1')
try('xtrim', 'XTRIM', probe, 'MAXLEN', '0')

try('pexpire', 'PEXPIRE', probe, '1000')
redis.pcall('DEL', probe)
return denied
