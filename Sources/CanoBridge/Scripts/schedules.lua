-- What commands about a schedule share. Two bridges may take two of them in another order than they were published in, so
-- a schedule remembers what it was set or removed by, and what was published before that changes nothing any more.

-- What an entry counts as: its id, or the present where its producer chose an id of the future.
local function order_of(entry, now)
  local milliseconds = string.match(entry, '^(%d+)-')
  return tonumber(milliseconds) > now and number_text(now) .. '-0' or entry
end

local function is_older(one, other)
  local one_time, one_count = string.match(one, '^(%d+)-(%d+)$')
  local time, count = string.match(other, '^(%d+)-(%d+)$')
  if tonumber(one_time) ~= tonumber(time) then
    return tonumber(one_time) < tonumber(time)
  end
  -- A count has up to twenty digits, more than a number here can hold.
  return #one_count < #count or #one_count == #count and one_count < count
end

local function publish_about_schedule(events, reply_stream, about)
  local id = 'schedule/' .. about.envelope.subject .. '/' .. about.entry
  redis.call('XADD', events, '*',
    event_fields(about.envelope, id, about.type, about.time, '0000000000', about.data))
  if reply_stream then
    reply(reply_stream, about.length, about.retention,
      event_fields(about.envelope, id, about.type, about.time, '0000000000', about.data))
  end
end
