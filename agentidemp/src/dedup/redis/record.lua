-- One step on the record of a key: the rules of `record.md`, on the server and by its clock.
--
-- KEYS[1] is the hash. ARGV is the operation, the claim's id, the retention (empty: without end), and what
-- the operation adds. Times and durations are microseconds. The reply begins with the outcome's name.

local LIMIT = 9007199254740992 -- 2^53
local STATES = { in_progress = true, interrupted = true, released = true, completed = true }
-- Numbers come first.
local FIELDS = { 'attempt', 'interrupted', 'token', 'started', 'expires', 'lease_until', 'state', 'claim', 'answer' }

local key, operation, id, kept = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

local function number(text)
  local number = text and string.match(text, '^%d+$') and tonumber(text)
  return number and number < LIMIT and number
end

-- The record, or what is wrong with it.
local function read()
  local found = redis.call('HMGET', key, unpack(FIELDS))
  local state, claim, answer = found[7], found[8], found[9]
  if not state and redis.call('EXISTS', key) == 0 then
    return nil
  end
  if not STATES[state] then
    return nil, 'state'
  end
  if not (claim and #claim == 32 and string.match(claim, '^[0-9a-f]+$')) then
    return nil, 'claim'
  end
  -- A field that the state does not have, as one that an earlier attempt left, says nothing.
  local record = { state = state, claim = claim, answer = state == 'completed' and answer or nil }
  if state == 'completed' and not answer then
    return nil, 'answer'
  end
  local has = { true, true, true, true, found[5], state == 'in_progress' }
  for i = 1, #has do
    if has[i] then
      local value = number(found[i])
      if not value then
        return nil, FIELDS[i]
      end
      record[FIELDS[i]] = value
    end
  end
  return record
end

local record, malformed = read()
if malformed then
  return redis.error_reply('CORRUPT a record\'s `' .. malformed .. '` is absent or malformed')
end
local is_new = not record
local state = record and record.state
local live = state == 'in_progress' and record.lease_until > now
local last_token = record and record.token or 0
if record and record.expires and record.expires <= now and not live then
  record, state = nil, nil
end

local function answer()
  local reply = { 'completed', record.answer, record.attempt }
  if record.expires then
    reply[4] = record.expires - now
  end
  return reply
end

-- The usual question, before all else is made: that takes as long as a command.
if state == 'completed' and (operation == 'claim' or operation == 'get') then
  return answer()
end

local interrupted = state == 'interrupted' or (state == 'in_progress' and not live)
local mine = record and record.claim == id
local held = mine and (state == 'in_progress' or state == 'interrupted')

local function text(value)
  return type(value) == 'number' and string.format('%.0f', value) or value
end

local function put(record)
  local fields = {}
  for _, name in ipairs(FIELDS) do
    if record[name] then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(record[name])
    end
  end
  -- A server without memory refuses a script's first write alone: a new key, and not an answer.
  if not is_new then
    redis.call('DEL', key)
  end
  redis.call('HSET', key, unpack(fields))
  if record.expires then
    redis.call('PEXPIREAT', key, text(math.ceil(record.expires / 1000)))
  end
end

local function sum(number, more)
  return math.min(number + more, LIMIT - 1)
end

local function expiry(from)
  return kept ~= '' and sum(from, tonumber(kept)) or nil
end

local token = math.max(sum(last_token, 1), now)

local function busy()
  return { 'busy', record.lease_until - now }
end

local function unknown()
  return { 'unknown', record.attempt, record.started }
end

local function granted(attempt)
  return { 'granted', attempt.attempt, attempt.token, attempt.interrupted }
end

local function lease(duration)
  record.state = 'in_progress'
  record.lease_until = sum(now, tonumber(duration))
  record.expires = expiry(record.lease_until)
  put(record)
end

local function ends(new_state, new_answer)
  record.state = new_state
  record.answer = new_answer
  record.lease_until = nil
  record.expires = expiry(now)
  put(record)
  return { 'done' }
end

local function refusal()
  return state == 'completed' and answer() or { 'lost' }
end

local operations = {}

function operations.claim(duration, abandoned)
  if mine then
    if state ~= 'in_progress' then
      return { 'over' }
    end
    lease(duration)
    return granted(record)
  end
  if live then
    return busy()
  end
  if interrupted and abandoned == 'refuse' then
    return unknown()
  end
  local before = record or { attempt = 0, interrupted = 0 }
  record = {
    attempt = sum(before.attempt, 1),
    interrupted = sum(before.interrupted, interrupted and 1 or 0),
    token = token,
    claim = id,
    started = now,
  }
  lease(duration)
  return granted(record)
end

function operations.renew(duration)
  if not held then
    return refusal()
  end
  lease(duration)
  return { 'done' }
end

function operations.complete(new_answer)
  if held then
    return ends('completed', new_answer)
  end
  if state == 'completed' and mine then
    return { 'done' }
  end
  return refusal()
end

local function give_up(new_state)
  if state == new_state and mine then
    return { 'done' }
  end
  if held then
    return ends(new_state)
  end
  return refusal()
end

function operations.release()
  return give_up('released')
end

function operations.interrupt()
  return give_up('interrupted')
end

function operations.get()
  if not record then
    return { 'absent' }
  elseif state == 'released' then
    return { 'released', record.attempt }
  elseif live then
    return { 'in_progress', record.attempt, record.lease_until - now }
  end
  return unknown()
end

function operations.insert(new_answer)
  if state == 'completed' then
    return mine and { 'done' } or answer()
  end
  local before = record or { attempt = 0, interrupted = 0 }
  record = {
    attempt = before.attempt,
    interrupted = before.interrupted,
    token = token,
    claim = id,
    started = now,
  }
  return ends('completed', new_answer)
end

-- Without an answer: the work did not happen.
function operations.resolve(new_answer)
  if mine and (state == 'completed' or state == 'released') then
    return { 'done' }
  end
  if state == 'completed' then
    return answer()
  end
  if live then
    return busy()
  end
  if not interrupted then
    return { 'nothing_unknown' }
  end
  record.claim = id
  return ends(new_answer and 'completed' or 'released', new_answer)
end

return operations[operation](ARGV[4], ARGV[5])
