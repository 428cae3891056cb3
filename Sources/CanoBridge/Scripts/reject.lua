#!lua flags=allow-oom
-- Takes a command that cannot be carried out off its stream, keeps it with its reason among the dead letters, and says
-- so in an event. Where the command names a run that is known, that is answered instead.
--
-- KEYS  commands or control, dead letters, events, record (checked only when ARGV 14 says so) [, reply stream]
-- ARGV  1 bridge, 2 epoch (0), 3 source, 4 subject, 5 workflow, 6 traceparent, 7 now, 8 group, 9 entry, 10 code,
--       11 message, 12 event time, 13 data, 14 any, known (a known run is answered) or only-known (and nothing is
--       rejected yet), 15 source prefix, 16 input, 17 reply name or '', 18 length and 19 retention ms of reply
--       streams, 20 how many fields a dead letter keeps, 21 whether it is a start (1 or 0)
-- Gives rejected, duplicate, unknown (only-known: left where it is), or gone (somebody else took the entry, or this
-- was answered already).
local commands, letters, events, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local entry = ARGV[9]

local command = redis.call('XRANGE', commands, entry, entry)[1]
redis.call('XLEN', letters)
redis.call('XLEN', events)
local is_known = ARGV[14] ~= 'any' and redis.call('HEXISTS', record, 'status') == 1
if ARGV[14] == 'only-known' and not is_known then
  return 'unknown'
end
if not command or redis.call('XDEL', commands, entry) == 0 then
  return 'gone'
end
redis.call('XACK', commands, ARGV[8], entry)

if is_known then
  answer_duplicate(record, {
    stream = KEYS[5], name = ARGV[17], is_start = ARGV[21] == '1', workflow = ARGV[5], input = ARGV[16], entry = entry,
    subject = ARGV[4], bridge = ARGV[1], time = ARGV[12], source_prefix = ARGV[15], length = ARGV[18],
    retention = ARGV[19],
  })
  return 'duplicate'
end

local added = { error_code = ARGV[10], error_message = ARGV[11], entry = entry, bridge = ARGV[1] }
local fields = command[2]
local kept = math.min(#fields / 2, tonumber(ARGV[20]))
if #fields / 2 > kept then
  added.field_count = tostring(#fields / 2)
end
local letter = {}
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
-- At most 69 pairs: far below what unpack can take.
redis.call('XADD', letters, '*', unpack(letter))
local envelope = run_envelope()
local id = 'command/' .. entry
redis.call('XADD', events, '*',
  event_fields(envelope, id, 'cano.command.rejected', ARGV[12], '0000000000', ARGV[13]))
if KEYS[5] then
  reply(KEYS[5], ARGV[18], ARGV[19],
    event_fields(envelope, id, 'cano.command.rejected', ARGV[12], '0000000000', ARGV[13]))
end
return 'rejected'
