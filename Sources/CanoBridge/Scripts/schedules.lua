-- What commands about a schedule share. Two bridges may take two of them in another order than they were published in, so
-- a schedule remembers what it was set or removed by, and what was published before that changes nothing any more.

-- Whether one entry was published before another; false where one of them is no entry id.
local function is_older(one, other)
  local one_time, one_count = string.match(one or '', '^(%d+)-(%d+)$')
  local time, count = string.match(other or '', '^(%d+)-(%d+)$')
  if not one_time or not time then
    return false
  end
  if tonumber(one_time) ~= tonumber(time) then
    return tonumber(one_time) < tonumber(time)
  end
  -- A count has up to twenty digits, more than a number here can hold.
  return #one_count < #count or #one_count == #count and one_count < count
end

-- What a schedule remembers of an entry that is not older than what it remembers already: its id, or the present where its
-- producer chose an id of the future, so that nobody else is shut out until then.
local function order_of(entry, remembered, now)
  local milliseconds = string.match(entry, '^(%d+)-')
  local order = tonumber(milliseconds) > now and number_text(now) .. '-0' or entry
  return is_older(order, remembered) and remembered or order
end

-- What every command about a schedule begins with; it is not late if it was published after what the schedule remembers.
local function schedule_command()
  return {
    commands = KEYS[1], schedule = KEYS[2], schedules = KEYS[3], events = KEYS[4], reply_stream = KEYS[5],
    name = ARGV[4], group = ARGV[8], entry = ARGV[9],
    envelope = run_envelope(), time = ARGV[10], length = ARGV[11], retention = ARGV[12],
  }
end

-- Takes a command off its stream and publishes what became of it, to its requester too. Nothing in here can fail.
local function answer_schedule_command(command, type, data)
  redis.call('XDEL', command.commands, command.entry)
  redis.call('XACK', command.commands, command.group, command.entry)
  local id = 'schedule/' .. command.name .. '/' .. command.entry
  redis.call('XADD', command.events, '*', event_fields(command.envelope, id, type, command.time, '0000000000', data))
  if command.reply_stream then
    reply(command.reply_stream, command.length, command.retention,
      event_fields(command.envelope, id, type, command.time, '0000000000', data))
  end
end

local function superseded_data(remembered)
  return '{"by":' .. cjson.encode(remembered) .. '}'
end
