-- Shared by the scripts of the checkpoint store. A run is one hash: `owner`, `epoch` and `lease` (when it ends, Redis' time
-- in ms) say whose it is, and each row is a field named after its sequence. No row, no hash.

local function extend_lease(run, milliseconds)
  redis.call('HSET', run, 'lease', number_text(redis_time() + tonumber(milliseconds)))
end

-- Whether another owner has a lease that has not ended; found is HMGET owner lease.
local function is_leased_to_another(found, owner)
  return found[1] and found[1] ~= owner and tonumber(found[2] or '0') > redis_time()
end

local function is_owned(run, owner, epoch)
  return is_owner(redis.call('HMGET', run, 'owner', 'epoch'), owner, epoch)
end
