-- Adds a name to those a run's terminal event is sent to, while there is room among them. With makes_room it takes the place of the
-- last one where there is none.
local function add_reply_name(record, list, name, makes_room)
  local count = 0
  for existing in string.gmatch(list or '', '[^,]+') do
    if existing == name then
      return
    end
    count = count + 1
  end
  if name ~= '' and count >= most_reply_names and makes_room then
    redis.call('HSET', record, 'reply_to', (string.gsub(list, '[^,]+$', name)))
  elseif name ~= '' and count < most_reply_names then
    redis.call('HSET', record, 'reply_to', count == 0 and name or list .. ',' .. name)
  end
end
