/**
 * What Redis does in one step: a script runs alone on the server, so shelf and order row change together or not at all. It is sent
 * whole with each call; the server knows by its text what it has compiled before.
 *
 * KEYS: 1 shelves (a hash with the fields of every epoch), 2 orders (op: row as JSON), 3 ops in their order, 4 versions. They have
 * one hash tag, so that a cluster keeps them on one node. ARGV[1] is the epoch.
 */
import { VERSIONS_AN_EPOCH } from '../../lanes/engine-rows.ts';

const KEEP = `
local function keep(row)
  redis.call('HSET', KEYS[2], row.op, cjson.encode(row))
  redis.call('ZADD', KEYS[3], 0, row.op)
end
`;

/** Ends here for an op that has a row, and in an epoch that is fenced or was never stocked. ARGV[2] is the row so far. */
const ONCE = `
local row = cjson.decode(ARGV[2])
if redis.call('HEXISTS', KEYS[2], row.op) == 1 then return 'known' end
local of = function(name) return ARGV[1] .. ':' .. name end
local read = redis.call('HMGET', KEYS[1], of('allocated'), of('capacity'), of('version'), of('fenced'))
if not read[1] or read[4] == '1' then return 'stale' end
local allocated, capacity, version = tonumber(read[1]), tonumber(read[2]), tonumber(read[3])
`;

/** Stores the shelf and the row of the version that this makes. */
const WRITE = `
row.epoch = tonumber(ARGV[1])
row.version = version + 1
redis.call('HSET', KEYS[1], of('allocated'), row.wroteAllocated, of('version'), row.version)
redis.call('ZADD', KEYS[4], row.epoch * ${VERSIONS_AN_EPOCH} + row.version, row.op)
keep(row)
return cjson.encode(row)
`;

/** Sells while so many are left. ARGV[2] has op, who, units and times. Answers the row, or why there is none. */
export const SELL = `${KEEP}${ONCE}
if row.units > capacity - allocated then return 'none' end
row.parentVersion = version
row.readAllocated = allocated
row.wroteAllocated = allocated + row.units
${WRITE}`;

/** Stores what its caller has worked out, whatever stands there by now. ARGV[2] says what was read and is to be stored. */
export const OVERWRITE = `${KEEP}${ONCE}${WRITE}`;

/** Deletes a lock that is still its holder's own. KEYS: the lock. ARGV: the token. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

const STOCK = `
local function stock(epoch)
  local of = function(name) return string.format('%d:', epoch) .. name end
  if redis.call('HEXISTS', KEYS[1], of('capacity')) == 1 then return end
  redis.call('HSET', KEYS[1], of('allocated'), 0, of('capacity'), ARGV[2], of('version'), 0, of('fenced'), 0)
end
`;

/** Stores an untouched shelf unless there is one. ARGV[2] is the capacity. */
export const OPEN = `${STOCK}
stock(tonumber(ARGV[1]))
`;

/** Fences an epoch that was stocked, and stocks the next one. ARGV[2] is the capacity. */
export const FENCE = `${STOCK}
local fenced = ARGV[1] .. ':fenced'
if redis.call('HEXISTS', KEYS[1], fenced) == 1 then redis.call('HSET', KEYS[1], fenced, 1) end
stock(ARGV[1] + 1)
`;

/** Keeps a void for an op that has no row. ARGV[2] is the void. */
export const VOID = `${KEEP}
local row = cjson.decode(ARGV[2])
if redis.call('HEXISTS', KEYS[2], row.op) == 0 then keep(row) end
`;

/** Deletes a void of an earlier epoch. ARGV[2] is the op. */
export const DROP_VOID = `
local stored = redis.call('HGET', KEYS[2], ARGV[2])
local row = stored and cjson.decode(stored)
if row and row.version == 0 and row.epoch < tonumber(ARGV[1]) then
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
end
`;
