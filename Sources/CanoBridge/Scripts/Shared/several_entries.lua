-- Adding entries to several streams in one script; for add_entry_as.

-- Adds entries to several streams, given as tables with the stream, a function that makes the id if that is chosen, and the fields: all or, where
-- one fails, none. Returns their ids.
local function add_entries(entries)
  local ids = {}
  for index, entry in ipairs(entries) do
    local is_added, id = pcall(add_entry_as, entry.id and entry.id() or '*', entry.stream, unpack(entry))
    if not is_added then
      for earlier = 1, index - 1 do
        redis.call('XDEL', entries[earlier].stream, ids[earlier])
      end
      error(id)
    end
    ids[index] = id
  end
  return ids
end
