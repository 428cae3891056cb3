-- Sets the fields that have a value, with those of a list behind them: field, value and so on.
local function set_fields(record, fields, list)
  list = list or {}
  for field, value in pairs(fields) do
    if value and value ~= '' then
      list[#list + 1] = field
      list[#list + 1] = value
    end
  end
  if #list > 0 then
    redis.call('HSET', record, unpack(list))
  end
end
