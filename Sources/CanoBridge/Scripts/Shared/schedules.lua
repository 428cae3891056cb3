-- What commands about a schedule share. Two bridges may take two of them in another order than they were published in, so
-- a schedule remembers what it was set or removed by, and what was published before that changes nothing any more.

local reply_stream = keys[more_keys]

-- Whether one entry was published before another; false where one of them is no entry id.
local function is_older(one, other)
  local one_time, one_count = string.match(one or '', '^(%d+)-(%d+)$')
  local other_time, other_count = string.match(other or '', '^(%d+)-(%d+)$')
  if not one_time or not other_time then
    return false
  end
  if tonumber(one_time) ~= tonumber(other_time) then
    return tonumber(one_time) < tonumber(other_time)
  end
  -- A count has up to twenty digits, more than a number here can hold.
  return #one_count < #other_count or #one_count == #other_count and one_count < other_count
end

-- What a schedule remembers of an entry that is not older than what it remembers already: its id, or the present where its
-- producer chose an id of the future, so that no other producer is shut out until then.
local function order_of(remembered, now)
  local milliseconds = string.match(entry, '^(%d+)-')
  local order = tonumber(milliseconds) > now and number_text(now) .. '-0' or entry
  return is_older(order, remembered) and remembered or order
end

-- Publishes what became of the command, to its requester too, and takes it off its stream: before whatever else the script writes.
local function answer_schedule_command(envelope, event_type, data)
  local id = 'schedule/' .. run .. '/' .. command_id
  add_entry(events, event_fields(envelope, id, event_type, time, '0000000000', data))
  redis.call('XDEL', commands, entry)
  redis.call('XACK', commands, group, entry)
  if reply_stream then
    reply(reply_stream, event_fields(envelope, id, event_type, time, '0000000000', data))
  end
end
