import { expect, test } from 'vitest';
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import type { EventBodies, EventDraft, RoomEvent } from '#lib/domain/events.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import { auditOf, rechain, wrongAt, wrongLines } from './support/audits.ts';
import { opNo } from './support/op.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from './support/room-facts.ts';
import { behind, firstAllocated, firstOf, forged, hasKinds, showWith, without } from './support/tamper.ts';
import type { Forgery } from './support/tamper.ts';

/** Both lanes, every kind of event that the lanes and the money tell, one crossing by the threshold, one reset. */
const SHOW = showWith(
  { steps: 700, mode: 'both', resetEvery: 350, sku: { capacity: 20 } },
  (show) =>
    hasKinds(show, ['lost', 'restored', 'oversold', 'cost', 'guardrail', 'reset', 'refused']) &&
    show.events.some(({ kind, body }) => kind === 'guardrail' && body.by === 'threshold') &&
    show.events.some(({ kind, body }) => kind === 'cost' && body.exposureUsd > 0),
);
const LOG = SHOW.events;

const set = <T extends object>(target: T, change: Partial<T>) => void Object.assign(target, change);

/** What somebody does who can only edit lines. The link after the edit does not hold. */
const EDITS: [name: string, key: AuditKey, Forgery][] = [
  ['a flipped byte in a hash', 'chain', (log) => set(log[9]!, { hash: flipped(log[9]!.hash) })],
  ['a flipped byte in a label', 'chain', (log) => set(firstAllocated(log, 'safe').body, { who: 'guest-0' })],
  ['a changed price', 'chain', (log) => set(firstOf(log, 'opened').body.sku, { unitPrice: 1 })],
  ['a changed list price', 'chain', (log) => set(firstOf(log, 'opened').body.prices, { 'kv.read': 0 })],
  ['a changed time', 'chain', (log) => set(log[20]!, { atMs: 1 })],
  ['a removed line', 'dense', (log) => without(log, log[12]!)],
  ['a removed first line', 'epochs', (log) => log.slice(1)],
  ['a doubled line', 'dense', (log) => behind(log, log[12]!, log[12]!)],
  ['two lines in each other’s place', 'dense', (log) => log.splice(12, 2, log[13]!, log[12]!) && log],
  ['a line under another number', 'dense', (log) => set(log[12]!, { seq: 14 })],
];

test.each(EDITS)('%s is caught, by the line “%s” among others', (_name, key, forgery) => {
  const result = auditOf(forged(LOG, forgery));
  expect(result.ok).toBe(false);
  expect(wrongAt(result, key)).not.toBeNull();
  expect(wrongAt(result, 'chain')).not.toBeNull();
});

test('the chain names the first event that is wrong', () => {
  const edited = forged(LOG, (log) => set(log[41]!, { atMs: 1 }));
  expect(wrongAt(auditOf(edited), 'chain')).toBe('event 42 is the first wrong one');
  const relinked = forged(edited, (log) => set(log[41]!, { hash: rechain(log.slice(0, 42))[41]!.hash }));
  expect(wrongAt(auditOf(relinked), 'chain')).toBe('event 43 is the first wrong one');
});

const eventual = (log: RoomEvent[]) =>
  firstAllocated(log, 'eventual', (body) => (body.readAllocated ?? 0) > 2);
const cost = (log: RoomEvent[]) => firstOf(log, 'cost', ({ body }) => body.exposureUsd > 0).body;
const byThreshold = (log: RoomEvent[]) => firstOf(log, 'guardrail', ({ body }) => body.by === 'threshold');
const draft = (like: RoomEvent, change: object) => ({ ...structuredClone(like), ...change });
const twice = (log: RoomEvent[], event: RoomEvent) => behind(log, event, draft(event, {}));

/** One cost as rooms told it that took everything metered for taps': right by itself, but not after one that knows better. */
function likeOlderRooms(log: RoomEvent[]): void {
  const body = cost(log);
  const { loadFactor, exposureUsd, platformUsd } = body;
  const virtual = picoFromUsd(platformUsd) * BigInt(loadFactor) + picoFromUsd(exposureUsd);
  set(body, { virtualUsd: usdFromPico(virtual) });
  delete body.tapsUsd;
  delete body.meters;
  delete body.taps;
}

/** The sums still follow from the quantities. */
function moreByTapsThanThereWere(log: RoomEvent[]): void {
  const body = cost(log);
  const { 'd1.rowWritten': rows = 0, ...others } = body.meters ?? {};
  const meters = { ...others, 'd1.rowWritten': 1 };
  set(body, {
    meters,
    platformUsd: usdFromPico(picoFromUsd(body.platformUsd) - BigInt(rows - 1) * 1_000_000n),
  });
}

/** What somebody does who can write the whole log anew: the chain holds, only what it says can give it away. */
const FORGERIES: [name: string, key: AuditKey, Forgery][] = [
  ['a changed price', 'exposure', (log) => set(firstOf(log, 'opened').body.sku, { unitPrice: 1 })],
  ['more capacity', 'oversold', (log) => set(firstOf(log, 'opened').body.sku, { capacity: 21 })],
  ['less capacity', 'safeCapacity', (log) => set(firstOf(log, 'opened').body.sku, { capacity: 10 })],
  [
    'a forged virtual total',
    'virtual',
    (log) => set(cost(log), { virtualUsd: cost(log).virtualUsd + 0.000_1 }),
  ],
  ['a forged platform total', 'virtual', (log) => set(cost(log), { platformUsd: 0 })],
  ['another part of taps', 'virtual', (log) => set(cost(log), { tapsUsd: cost(log).platformUsd })],
  [
    'other quantities',
    'virtual',
    (log) => set(cost(log), { meters: { ...cost(log).meters, 'do.request': 1 } }),
  ],
  ['quantities of taps that nothing metered', 'virtual', moreByTapsThanThereWere],
  [
    'another list price',
    'virtual',
    (log) => set(firstOf(log, 'opened').body.prices, { 'do.rowWritten': 2e-6 }),
  ],
  ['a cost that keeps its quantities to itself', 'virtual', (log) => void delete cost(log).meters],
  ['a cost that stops telling what taps cost', 'virtual', likeOlderRooms],
  ['a forged exposure', 'exposure', (log) => set(cost(log), { exposureUsd: 1 })],
  ['another load factor', 'virtual', (log) => set(cost(log), { loadFactor: 1 })],
  ['another billing scale', 'real', (log) => set(cost(log), { billingScale: 0 })],
  ['a forged real total', 'real', (log) => set(cost(log), { realUsd: 0.01 })],
  ['real spend above a limit of zero', 'limit', (log) => set(cost(log), { realUsd: 0.01 })],
  ['real spend without a lock', 'lock', (log) => set(cost(log), { realUsd: 0.01 })],
  ['a forged limit', 'limit', (log) => set(cost(log), { limitUsd: 5 })],
  ['a fate of another op', 'fates', (log) => set(firstOf(log, 'lost').body, { op: opNo(1) })],
  ['a fate by another write', 'fates', (log) => set(firstOf(log, 'lost').body, { by: opNo(1) })],
  ['a fate at another version', 'fates', (log) => set(firstOf(log, 'restored').body, { version: 99 })],
  ['a forged stored value before', 'fates', (log) => set(firstOf(log, 'lost').body, { storedBefore: 19 })],
  ['a forged stored value after', 'fates', (log) => set(firstOf(log, 'lost').body, { storedAfter: 19 })],
  ['forged lost units', 'fates', (log) => set(firstOf(log, 'lost').body, { units: 7 })],
  ['a hidden loss', 'fates', (log) => without(log, firstOf(log, 'lost'))],
  ['a hidden return', 'fates', (log) => without(log, firstOf(log, 'restored'))],
  ['a loss told twice', 'fates', (log) => twice(log, firstOf(log, 'lost'))],
  ['a loss told as a return', 'fates', (log) => set(firstOf(log, 'lost') as RoomEvent, { kind: 'restored' })],
  ['a second threshold trip', 'trips', (log) => twice(log, byThreshold(log))],
  ['a trip below the threshold', 'trips', (log) => set(byThreshold(log).body, { virtualUsd: 99.99 })],
  ['a threshold that clears', 'trips', (log) => set(byThreshold(log).body, { state: 'cleared' })],
  ['a hidden trip', 'crossings', (log) => without(log, byThreshold(log))],
  ['an op twice on the safe lane', 'once', (log) => twice(log, firstAllocated(log, 'safe'))],
  ['an op twice on the eventual lane', 'once', (log) => twice(log, firstAllocated(log, 'eventual'))],
  [
    'more units on the safe lane',
    'safeCapacity',
    (log) => set(firstAllocated(log, 'safe').body, { units: 50 }),
  ],
  ['a safe allocation too many', 'safeCapacity', (log) => behind(log, soldOut(log), oneMore(log))],
  ['a blind write on the safe lane', 'safeStored', (log) => set(eventual(log).body, { lane: 'safe' })],
  ['a loss on the safe lane', 'safeStored', (log) => set(firstOf(log, 'lost').body, { lane: 'safe' })],
  ['a hidden write', 'versions', (log) => without(log, eventual(log))],
  ['a write without lineage', 'versions', (log) => strip(eventual(log).body)],
  ['another version', 'versions', (log) => set(eventual(log).body, { version: 1 })],
  ['a reading that nobody wrote', 'reads', (log) => shift(eventual(log).body, -1)],
  [
    'another parent',
    'fates',
    (log) => set(rival(log).body, { parentVersion: rival(log).body.parentVersion! + 1 }),
  ],
  [
    'a write that is not its reading plus its units',
    'writes',
    (log) => set(eventual(log).body, { units: 50 }),
  ],
  ['a counter that counts right', 'lost', (log) => shift(firstAfterLoss(log).body, 1)],
  ['a reading without room', 'room', (log) => shift(eventual(log).body, 20)],
  ['a hidden oversell', 'oversold', (log) => without(log, firstOf(log, 'oversold'))],
  ['an oversell told twice', 'oversold', (log) => twice(log, firstOf(log, 'oversold'))],
  ['a forged delta', 'oversold', (log) => set(firstOf(log, 'oversold').body, { delta: 50 })],
  ['an oversell by another op', 'oversold', (log) => set(firstOf(log, 'oversold').body, { by: opNo(1) })],
  ['an op of an old epoch after its reset', 'epochs', (log) => set(log.at(-2)!, { epoch: 1 })],
  ['a hidden reset', 'epochs', (log) => without(log, firstOf(log, 'reset'))],
  ['a reset told twice', 'epochs', (log) => twice(log, firstOf(log, 'reset'))],
  ['a reset that leaves out an epoch', 'epochs', (log) => set(firstOf(log, 'reset').body, { toEpoch: 9 })],
  ['a whole epoch left out', 'epochs', (log) => laterBy(log, 1)],
  ['a second opening', 'epochs', (log) => twice(log, firstOf(log, 'opened'))],
  ['no opening', 'epochs', (log) => log.slice(1)],
  [
    'a reset that carries real spend',
    'limit',
    (log) => set(firstOf(log, 'reset').body, { realCarriedUsd: 1 }),
  ],
  ['a kind that no room tells', 'form', (log) => set(log[9] as { kind: string }, { kind: 'refunded' })],
  ['a lane that no room has', 'form', (log) => set(log.find(has('lane'))!.body, { lane: 'fast' } as object)],
  ['negative units', 'form', (log) => set(firstAllocated(log, 'safe').body, { units: -1 })],
  ['half a unit', 'form', (log) => set(firstAllocated(log, 'safe').body, { units: 0.5 })],
  ['units as text', 'form', (log) => set(firstAllocated(log, 'safe').body, { units: '1' } as object)],
  ['a missing field', 'form', (log) => void delete (cost(log) as Partial<EventBodies['cost']>).realUsd],
  ['a field too many', 'form', (log) => set(firstAllocated(log, 'safe').body, { paid: true } as object)],
  ['a body that is nothing', 'form', (log) => set(log[9] as { body: unknown }, { body: null })],
  ['money that is no decimal', 'form', (log) => set(cost(log), { realUsd: 1e-300 })],
];

test.each(FORGERIES)('%s in a log that is chained anew is caught by the line “%s”', (_name, key, forgery) => {
  const log = rechain(forged(LOG, forgery));
  const result = auditOf(log);
  expect(wrongAt(result, 'chain')).toBeNull();
  expect(wrongAt(result, key)).not.toBeNull();
});

test('a log that is chained anew and changed in nothing is green', () => {
  expect(wrongLines(auditOf(rechain(LOG)))).toEqual([]);
});

test('a lock that is hidden or told twice is caught', () => {
  const { events } = showWith({ steps: 100, config: { billingScale: 1 } }, (show) =>
    hasKinds(show, ['locked', 'refused']),
  );
  const hidden = forged(events, (log) => log.filter(({ kind }) => kind !== 'locked'));
  const doubled = forged(events, (log) => twice(log, firstOf(log, 'locked')));
  expect(wrongAt(auditOf(rechain(hidden)), 'refusals')).toContain('refused by a lock that no event told of');
  expect(wrongAt(auditOf(rechain(doubled)), 'lock')).toContain('engages the lock a second time');
});

test('a cost past the limit is green only when it is locked and not billed', () => {
  const config = { ...DEFAULT_CONFIG, billingScale: 1, virtualCostThreshold: 1_000 };
  const due = { virtualUsd: 1, platformUsd: 0.000_01, exposureUsd: 0, limitUsd: 0, billingScale: 1 };
  const told = (change: { realUsd: number; locked: boolean }) => {
    const log = new Log(openedBody(SKU, config));
    log.tell({ kind: 'cost', body: { ...due, loadFactor: 100_000, ...change } });
    return auditOf(log.events);
  };
  expect(wrongLines(told({ realUsd: 0, locked: true }))).toEqual([]);
  expect(wrongAt(told({ realUsd: 0, locked: false }), 'lock')).toBe('event 2: not locked, $1 due of $0');
  expect(wrongAt(told({ realUsd: 1, locked: true }), 'limit')).toBe('event 2: $1 of $0');
});

test('a crossing may be told behind the cost that reached it in the same commit, and no later', () => {
  const cost = (platformUsd: number): EventBodies['cost'] => {
    const { billingScale, virtualLoadFactor: loadFactor, demoCostLimit: limitUsd } = DEFAULT_CONFIG;
    const virtualUsd = platformUsd * loadFactor;
    return {
      virtualUsd,
      platformUsd,
      exposureUsd: 0,
      realUsd: 0,
      limitUsd,
      billingScale,
      loadFactor,
      locked: false,
    };
  };
  const trip: EventDraft = {
    kind: 'guardrail',
    body: { state: 'tripped', by: 'threshold', virtualUsd: 100 },
  };
  const told = (...commits: EventDraft[][]) => {
    const log = new Log();
    for (const drafts of commits) log.tellAtOnce(...drafts);
    return auditOf(log.events);
  };
  const first: EventDraft = { kind: 'cost', body: cost(0.001) };
  const second: EventDraft = { kind: 'cost', body: cost(0.002) };
  expect(wrongLines(told([first, trip], [second]))).toEqual([]);
  expect(wrongLines(told([trip, first], [second]))).toEqual([]);
  expect(wrongAt(told([first], [trip]), 'crossings')).toBe('event 2: $100 of $100');
  expect(wrongAt(told([first]), 'crossings')).toBe('event 2: $100 of $100');
});

test('real spend that a reset drops is caught', () => {
  const { events } = showWith(
    { steps: 300, resetEvery: 100, config: { billingScale: 1, demoCostLimit: 1_000 } },
    (show) => show.events.some(({ kind, body }) => kind === 'reset' && body.realCarriedUsd > 1),
  );
  const log = forged(events, (copy) => {
    firstOf(copy, 'reset', ({ body }) => body.realCarriedUsd > 1).body.realCarriedUsd = 0;
  });
  // The reset alone gives it away, before any cost of the new epoch is told.
  const until = log.findIndex((event, at) => JSON.stringify(event) !== JSON.stringify(events[at])) + 1;
  expect(wrongAt(auditOf(rechain(log.slice(0, until))), 'real')).toContain('carries $0');
});

function flipped(hash: string): string {
  return (hash[0] === 'a' ? 'b' : 'a') + hash.slice(1);
}

/** Everything from the first reset on stands in a later epoch, as if one between had never been. */
function laterBy(log: RoomEvent[], epochs: number): void {
  const { seq, body } = firstOf(log, 'reset');
  body.toEpoch += epochs;
  for (const event of log) if (event.seq >= seq) event.epoch += epochs;
}

function has(field: string): (event: RoomEvent) => boolean {
  return ({ body }) => field in body;
}

function soldOut(log: RoomEvent[]): RoomEvent {
  return log.findLast(
    ({ kind, body, epoch }) => kind === 'allocated' && body.lane === 'safe' && epoch === 1,
  )!;
}

function oneMore(log: RoomEvent[]): RoomEvent {
  return draft(soldOut(log), { body: { lane: 'safe', op: opNo(0), who: 'guest-1', units: 20 } });
}

function strip(body: EventBodies['allocated']): void {
  delete body.version;
}

/** A reading and a write that are wrong by the same number of units. */
function shift(body: EventBodies['allocated'], by: number): void {
  body.readAllocated! += by;
  body.wroteAllocated! += by;
}

/** A write that built on an older version than the newest. */
function rival(log: RoomEvent[]) {
  return firstAllocated(log, 'eventual', (body) => body.parentVersion! < body.version! - 1);
}

/** The write that erased somebody first: a careful counter would have counted both. */
function firstAfterLoss(log: RoomEvent[]) {
  const { by } = firstOf(log, 'lost').body;
  return firstAllocated(log, 'eventual', (body) => body.op === by);
}

test('a log of rooms that took everything metered for taps’ holds, and so does one that went on under newer code', () => {
  const log = new Log();
  const older = {
    exposureUsd: 0,
    realUsd: 0,
    limitUsd: 0,
    billingScale: 1e-9,
    loadFactor: 100_000,
    locked: false,
  };
  log.tell({ kind: 'cost', body: { ...older, platformUsd: 0.000002, virtualUsd: 0.2 } });
  expect(wrongLines(auditOf(log.events))).toEqual([]);
  const meters = { 'do.rowWritten': 3 };
  const taps = { 'do.rowWritten': 2 };
  const body = { ...older, platformUsd: 0.000003, tapsUsd: 0.000002, virtualUsd: 0.2, meters, taps };
  log.tell({ kind: 'cost', body });
  expect(wrongLines(auditOf(log.events))).toEqual([]);
});
