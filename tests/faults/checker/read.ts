/** Reads the words of the contract: own schemas, of which each says only what a rule looks at. */
import * as v from 'valibot';
import type { Allocation, Log, Note, OrderRow } from './evidence.ts';

const whole = v.pipe(v.number(), v.integer());
const told = v.looseObject({
  seq: whole,
  epoch: whole,
  kind: v.string(),
  atMs: v.number(),
  hash: v.string(),
  body: v.record(v.string(), v.unknown()),
});
const counts = v.object({
  acknowledged: whole,
  stored: whole,
  lostUnits: whole,
  oversellDelta: whole,
  inFlight: whole,
});
const state = v.object({ seq: whole, epoch: whole, lanes: v.record(v.string(), counts) });
const lane = v.object({
  status: v.picklist(['allocated', 'refused', 'pending']),
  units: whole,
  seq: v.optional(whole),
  code: v.optional(v.string()),
});

const down = v.variant('t', [
  v.object({
    t: v.literal('welcome'),
    epoch: whole,
    seq: whole,
    recovered: v.boolean(),
    events: v.array(told),
    state,
  }),
  v.object({
    t: v.literal('frame'),
    epoch: whole,
    from: whole,
    seq: whole,
    events: v.array(told),
    omitted: whole,
    head: v.optional(v.string()),
    state,
  }),
  v.object({ t: v.literal('ack'), op: v.string(), epoch: whole, lanes: v.record(v.string(), lane) }),
  v.object({ t: v.literal('nack'), op: v.optional(v.string()), code: v.string() }),
  v.object({ t: v.literal('fate') }),
  v.object({ t: v.literal('claim') }),
  v.object({ t: v.literal('audit') }),
  v.object({ t: v.literal('stage') }),
  v.object({ t: v.literal('guessed') }),
]);

const tap = v.object({
  t: v.literal('allocate'),
  op: v.string(),
  units: v.optional(whole, 1),
  epoch: whole,
});

/** What a client heard; null for what no rule looks at. Throws on what the contract has no word for. */
export function readHeard(text: string): Note | null {
  if (text === 'pong') return null;
  const message = v.parse(down, JSON.parse(text));
  switch (message.t) {
    case 'welcome': {
      const { epoch, seq, recovered, events, state: shown } = message;
      return { kind: 'welcome', epoch, seq, recovered, events, state: shown };
    }
    case 'frame': {
      const { epoch, from, seq, events, omitted, head = null, state: shown } = message;
      return { kind: 'frame', epoch, from, seq, events, omitted, head, state: shown };
    }
    case 'ack':
      return { kind: 'ack', op: message.op.toLowerCase(), epoch: message.epoch, lanes: message.lanes };
    case 'nack':
      return { kind: 'nack', op: message.op?.toLowerCase() ?? null, code: message.code };
    case 'fate':
    case 'claim':
    case 'audit':
    case 'stage':
    case 'guessed':
      return null;
  }
}

/** What a client said; null for everything but a tap. */
export function readSaid(text: string): Note | null {
  if (!text.startsWith('{')) return null;
  const said = v.safeParse(v.pipe(v.string(), v.parseJson(), tap), text);
  if (!said.success) return null;
  const { op, units, epoch } = said.output;
  return { kind: 'tap', op: op.toLowerCase(), units, epoch };
}

const end = v.object({ head: v.string(), seq: whole });

/** A log as it was exported (NDJSON: a header, a line per event, the head). */
export function readLog(ndjson: string): Log {
  const [, ...lines] = ndjson.trimEnd().split('\n');
  const last = lines.pop();
  if (last === undefined) throw new Error('A log has at least a header and a last line.');
  return {
    events: lines.map((line) => v.parse(told, JSON.parse(line))),
    end: v.parse(end, JSON.parse(last)),
  };
}

const allocated = v.object({
  lane: v.string(),
  op: v.string(),
  who: v.string(),
  units: whole,
  sim: v.optional(v.boolean(), false),
  parentVersion: v.optional(whole),
  version: v.optional(whole),
  readAllocated: v.optional(whole),
  wroteAllocated: v.optional(whole),
});

/** The allocations of a log, in its order. */
export function allocationsOf({ events }: Log): Allocation[] {
  return events
    .filter(({ kind }) => kind === 'allocated')
    .map(({ seq, epoch, body }) => ({ seq, epoch, ...defined(v.parse(allocated, body)) }));
}

/** Units that exist on each lane, as the log's opening says. */
export function capacityOf({ events }: Log): number {
  return v.parse(v.object({ sku: v.object({ capacity: whole }) }), events[0]?.body).sku.capacity;
}

const row = v.object({
  op: v.string(),
  epoch: whole,
  who: v.string(),
  units: whole,
  parentVersion: whole,
  version: whole,
  readAllocated: whole,
  wroteAllocated: whole,
});

/** Rows of the database; the places of ops that were never written (version 0) are left out. */
export function readOrders(rows: readonly unknown[]): OrderRow[] {
  return rows.map((each) => v.parse(row, each)).filter(({ version }) => version > 0);
}

/** An object without the members that are undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
