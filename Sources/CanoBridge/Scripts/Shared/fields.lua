-- Sets the fields that have a value.
local function set_fields(record, fields)
  for field, value in pairs(fields) do
    if value and value ~= '' then
      redis.call('HSET', record, field, value)
    end
  end
end
