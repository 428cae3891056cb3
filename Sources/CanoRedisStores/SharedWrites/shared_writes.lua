-- What a step writes to shared stores, in two passes: what it comes to, with nothing written yet, and then the writing,
-- in which nothing can fail any more. A store is a hash whose values are JSON.

-- A decimal integer of 64 bits as two numbers that are exact: what is above nine digits, and these. Nil for any other text.
local function halves(text)
  local sign, digits = string.match(text, '^(%-?)(%d+)$')
  if not digits or #digits > 19 or (#digits > 1 and string.sub(digits, 1, 1) == '0') then
    return nil
  end
  local unit = sign == '-' and -1 or 1
  return unit * (tonumber(string.sub(digits, 1, -10)) or 0), unit * tonumber(string.sub(digits, -9))
end

-- The sum of two decimal integers, exact, as text. Nil when one is none, or when the sum leaves the range of 64 bits.
local function sum_text(left, right)
  local left_high, left_low = halves(left)
  local right_high, right_low = halves(right)
  if not left_high or not right_high then
    return nil
  end
  local high, low = left_high + right_high, left_low + right_low
  local carry = math.floor(low / 1e9)
  high, low = high + carry, low - carry * 1e9
  if high > 9223372036 or (high == 9223372036 and low > 854775807)
    or high < -9223372037 or (high == -9223372037 and low < 145224192) then
    return nil
  end
  local sign = ''
  if high < 0 then
    sign, high = '-', -high
    if low > 0 then
      high, low = high - 1, 1e9 - low
    end
  end
  return sign .. (high == 0 and string.format('%.0f', low) or string.format('%.0f%09.0f', high, low))
end

-- The JSON list with one more element. Nil when the text is no list.
local function list_with(element, list)
  local start = string.match(list, '^(%s*%[.*)%]%s*$')
  if not start then
    return nil
  end
  return start .. (string.find(start, '^%s*%[%s*$') and '' or ',') .. element .. ']'
end

-- Works out the writes of the list that begins at arguments[index]. Returns the changes for write_changes, or nil and the answer to
-- give: {'conflict', key, field} when there is a value already where one was to be put first, {'unfit', key, field, start of what is
-- there} when a write does not fit, {'too-large', key, field, bytes} when a value would be longer than values may be.
local function plan_shared_writes(index)
  local places, changes = {}, {}
  for write = 0, tonumber(arguments[index]) - 1 do
    local at = index + 1 + write * shared_write_width
    local operation, key = arguments[at + shared_write_operation], keys[tonumber(arguments[at + shared_write_store])]
    local field, value = arguments[at + shared_write_field], arguments[at + shared_write_value]
    local name = #key .. ':' .. key .. field
    local place = places[name]
    if not place then
      place = { key = key, field = field, value = redis.call('HGET', key, field) }
      places[name] = place
      changes[#changes + 1] = place
    end
    local was = place.value
    if operation == 'put' then
      place.value = value
    elseif operation == 'remove' then
      place.value = false
    elseif operation == 'put_if_absent' then
      if was and not place.is_own then
        return nil, { 'conflict', key, field }
      end
      place.value = was or value
    else
      if operation == 'increment' then
        place.value = sum_text(was or '0', value)
      elseif was and #was + #value + 1 > most_value_bytes then
        -- Making the list would cost what the limit is there to spare.
        return nil, { 'too-large', key, field, tostring(#was + #value + 1) }
      else
        place.value = list_with(value, was or '[]')
      end
      if not place.value then
        return nil, { 'unfit', key, field, string.sub(was or '', 1, 100) }
      end
    end
    if place.value and #place.value > most_value_bytes then
      return nil, { 'too-large', key, field, tostring(#place.value) }
    end
    -- Adding to a value that was there does not make it this step's own.
    place.is_own = place.is_own or not was or operation == 'put' or operation == 'remove'
  end
  return changes
end

local function write_changes(changes)
  for _, change in ipairs(changes) do
    if change.value then
      redis.call('HSET', change.key, change.field, change.value)
    else
      redis.call('HDEL', change.key, change.field)
    end
  end
end
