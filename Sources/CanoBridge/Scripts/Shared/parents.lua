-- Telling the parent of a run that ends. The last four keys are then the parent's: record, inbox, open tasks, and the list of waits of its
-- workflow and version.

local parent_keys = 4

-- The parent that the list at arguments[index] says; nil where there is none, or where it waits for this run no more: it is over or gone, or has
-- given the run up. Where is_moved is set the list has another workflow or version.
local function find_parent(index)
  if arguments[index] == '0' then
    return nil
  end
  local at = index + 1
  local record, inbox, open, waits = keys[#keys - 3], keys[#keys - 2], keys[#keys - 1], keys[#keys]
  local found = redis.call('HMGET', record, 'status', 'workflow', 'version', 'waits', 'signals')
  redis.call('HLEN', inbox)
  local leg = arguments[at + parent_leg]
  local child = open_child(redis.call('HGET', open, leg))
  if found[1] ~= 'running' and found[1] ~= 'waiting' or not child or child.run ~= run then
    return nil
  end
  local is_moved = found[2] ~= arguments[at + parent_workflow] or (found[3] or '') ~= arguments[at + parent_version]
  if not is_moved and found[1] == 'waiting' then
    redis.call('ZCARD', waits)
  end
  return {
    run = arguments[at + parent_run], leg = leg, id = arguments[at + parent_answer_id], signal = arguments[at + parent_signal],
    record = record, inbox = inbox, open = open, waits = waits, child = child, is_moved = is_moved,
    workflow = found[2], version = found[3] or '', status = found[1], awaited = found[4] or '', signals = tonumber(found[5] or '') or 0,
  }
end

-- Whether a record of that status and entry is that of an earlier child of the same id, whose parent was another of the same id too: the start
-- with the last entry is the one that is waited for.
local function is_outlived(status, started_by, parent, awaited)
  return parent and parent.child.entry == awaited and started_by ~= awaited
    and (status == 'completed' or status == 'failed' or status == 'cancelled')
end

-- The answer that says where the parent is.
local function place_of(parent)
  return { 'parent', parent.workflow, parent.version }
end

-- Puts the end into the parent's inbox, and has it go on if it waits for that. Returns woke or kept.
local function tell_parent(parent)
  redis.call('HDEL', parent.open, parent.leg)
  redis.call('HSET', parent.inbox, parent.id, parent.signal)
  redis.call('HSET', parent.record, 'signals', number_text(parent.signals + 1))
  if parent.status == 'waiting'
    and (is_met(parent.awaited, { parent.id, parent.signal }) or is_met(parent.awaited, redis.call('HGETALL', parent.inbox))) then
    redis.call('ZADD', parent.waits, '0', parent.run)
    return 'woke'
  end
  return 'kept'
end
