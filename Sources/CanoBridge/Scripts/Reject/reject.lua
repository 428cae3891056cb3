#!lua flags=allow-oom
-- Takes a command that cannot be carried out off its stream, keeps it with its reason among the dead letters, and says
-- so in an event. Where the command names a run that is known, that is answered instead.
--
-- Behind the keys: the requester's reply stream, if it asked for answers; of the start of a child those of its parent, which the list has. run is the subject of the event, scope any (the record is not
-- looked at), known (a known run is answered) or only-known (and nothing is rejected yet).
--
-- Gives rejected, duplicate, unknown (only-known: left where it is), gone (another bridge took the entry, or this
-- was answered already), or parent and the workflow and version of that: send it again with its keys.
local reply_stream = reply_name ~= '' and keys[more_keys] or nil

local command = redis.call('XRANGE', commands, entry, entry)[1]
redis.call('XLEN', dead_letters)
redis.call('XLEN', events)
local parent = find_parent(lists)
local found = scope ~= 'any' and redis.call('HMGET', record, 'status', 'entry') or {}
local is_known = found[1] and not is_outlived(found[1], found[2], parent, entry)
if scope == 'only-known' and not is_known then
  return 'unknown'
end
if not command then
  return 'gone'
end
local function take()
  redis.call('XDEL', commands, entry)
  redis.call('XACK', commands, group, entry)
end

if is_known then
  answer_duplicate(record, {
    stream = reply_stream, name = reply_name, is_start = is_start == '1', workflow = workflow, input = input, subject = run,
    bridge = bridge, time = time, source_prefix = source_prefix,
  })
  take()
  return 'duplicate'
end

if parent and parent.is_moved then
  return place_of(parent)
end
local added = { error_code = code, error_message = message, entry = entry, bridge = bridge }
local fields = command[2]
local kept = math.min(#fields / 2, most_fields)
if #fields / 2 > kept then
  added.field_count = tostring(#fields / 2)
end
local letter = { stream = dead_letters }
for field = 1, kept do
  local name = fields[2 * field - 1]
  letter[#letter + 1] = added[name] and 'original_' .. name or name
  letter[#letter + 1] = fields[2 * field]
end
for _, name in ipairs({ 'error_code', 'error_message', 'entry', 'bridge', 'field_count' }) do
  if added[name] then
    letter[#letter + 1] = name
    letter[#letter + 1] = added[name]
  end
end
-- Five pairs more than the most that are kept: far below what unpack can take.
local event = { event_fields(run_envelope(), 'command/' .. command_id, 'cano.command.rejected', time, '0000000000', data) }
event.stream = events
add_entries({ letter, event })
take()
if reply_stream then
  reply(reply_stream, unpack(event))
end
if parent then
  tell_parent(parent)
end
return 'rejected'
