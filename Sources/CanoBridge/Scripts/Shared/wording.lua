-- What an event says is worded in Swift; where only Redis knows a part of it, that part is filled in here.

local function padded(number)
  return string.format('%010d', tonumber(number) or 0)
end

-- A text as JSON, quotes included. Slashes stay as they are, as everywhere on the bus.
local function quoted(text)
  return (string.gsub(cjson.encode(text), '\\/', '/'))
end

-- Fills the holes of a template with JSON. A hole without a value leaves its member out.
local function fill(template, values)
  return (string.gsub(template, '\1([%l_]+)\2([^\1]*)\1', function(name, member)
    local value = values[name]
    return value and member .. value or ''
  end))
end
