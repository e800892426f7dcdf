/** The card: every result in words that are true of its figures, each with a check that exists. */
import { describe, expect, it } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { heroOf, roomCard } from '#lib/summary/card.ts';
import { simulatedWords } from '#lib/summary/simulated.ts';
import { owedBy, virtualOf } from '#lib/summary/overall.ts';
import type { Figure } from '#lib/summary/figure.ts';
import { checkAnchor, checkPath, logPath, showPath } from '#lib/summary/links.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { LaneSummary, RoomSummary } from '#lib/summary/show-summary.ts';
import { Log } from './support/room-facts.ts';
import { playShow } from './support/show.ts';

const NOTHING = { n: 0, p50: null, p95: null, p99: null };

function summaryOf(events = new Log().events, change: Partial<RoomSummary> = {}): RoomSummary {
  const totals = new RoomTotals();
  for (const event of events) totals.take(event);
  const summary = totals.summary({
    latency: { safe: NOTHING, eventual: NOTHING },
    mostPhones: 0,
    inFlight: 0,
    money: { realUsd: 0, limitUsd: 0, locked: false },
  });
  return { ...summary, ...change };
}

function figure(summary: RoomSummary, key: string): Figure {
  const found = roomCard(summary).find((each) => each.key === key);
  if (!found) throw new Error(`The card has no ${key}`);
  return found;
}

const RACED = playShow({ seed: 3, steps: 400, mode: 'both', resetEvery: 200, sku: { capacity: 12 } }).events;

describe('the card', () => {
  it('names a check of the audit for every figure that stands in the log, and none for what phones measured', () => {
    const figures = roomCard(summaryOf(RACED));
    const proven = figures.filter(({ check }) => check !== null);
    for (const { check } of proven) expect(Object.keys(AUDIT_LINES)).toContain(check);
    expect(figures.filter(({ check }) => check === null).map(({ key }) => key)).toEqual([
      'latency-safe',
      'latency-eventual',
      'people',
    ]);
  });

  it('says of an empty room that there is nothing, and makes no number up', () => {
    const summary = summaryOf();
    expect(figure(summary, 'real')).toMatchObject({ value: '$0.00', note: expect.stringContaining('never') });
    expect(figure(summary, 'eventual')).toMatchObject({ value: '0', note: 'Nothing was sold on it.' });
    expect(figure(summary, 'recovery')).toMatchObject({ value: '–', note: 'No drill was run.' });
    expect(figure(summary, 'latency-safe').value).toBe('–');
    expect(figure(summary, 'virtual').note).toContain('never tripped');
  });

  it('lasts until the end of the show, whatever settled behind it', () => {
    const log = new Log();
    log.tell({ kind: 'closed', body: { by: 'presenter' } });
    const closedAtMs = log.events.at(-1)!.atMs;
    const late = { ...log.tell({ kind: 'step', body: { step: 2, by: 'host' } }), atMs: closedAtMs + 90_000 };
    const summary = summaryOf([...log.events.slice(0, -1), late]);
    expect(summary.lastAtMs).toBe(closedAtMs);
    expect(figure(summary, 'duration').value).toMatch(/ s$/);
  });

  it('adds amounts up exactly, and says how much of it simulated shoppers did', () => {
    const epochs = [0.1, 0.2].map((usd) => ({ exposureUsd: usd, virtualUsd: usd }));
    expect([owedBy({ epochs } as never), virtualOf({ epochs } as never)]).toEqual([0.3, 0.3]);
    expect(virtualOf({ epochs: [] })).toBeNull();
    expect(simulatedWords({ simUnits: 250, units: 280 })).toBe(
      'SIMULATED shoppers got 250 of the 280 units sold.',
    );
    expect(simulatedWords({ simUnits: 0, units: 280 })).toBe('');
  });

  it('adds what was oversold and lost up over the epochs', () => {
    const summary = summaryOf(RACED);
    const sum = (of: (lane: LaneSummary) => number) =>
      summary.epochs.reduce((total, { lanes }) => total + of(ofLane(lanes, 'eventual')), 0);
    const over = sum(({ oversellDelta }) => oversellDelta);
    expect(over).toBeGreaterThan(0);
    expect(figure(summary, 'eventual').value).toBe(`+${over}`);
    expect(figure(summary, 'lost-eventual').value).toBe(String(sum(({ lostUnits }) => lostUnits)));
    expect(figure(summary, 'exposure').note).toContain(`${over} unit`);
    expect(figure(summary, 'safe')).toMatchObject({ value: '0', tone: 'safe' });
  });

  it('would not hide a safe lane that oversold, a lock that engaged, or a promise that was missed', () => {
    const [epoch] = summaryOf(RACED).epochs;
    const broken = structuredClone(epoch!);
    ofLane(broken.lanes, 'safe').oversellDelta = 2;
    const summary = summaryOf(RACED, {
      epochs: [broken],
      recovery: { drills: 1, sockets: 25, reports: 25, p50Ms: 9, p95Ms: 1_400, maxMs: 2_000, missing: 3 },
    });
    expect(figure(summary, 'safe')).toMatchObject({ value: '+2', tone: 'oversold' });
    expect(figure(summary, 'recovery')).toMatchObject({ value: '1,400 ms', tone: 'oversold' });
    expect(figure(summary, 'recovery').note).toContain('beyond the 1,000 ms promised');
    const locked = { ...summary.money, locked: true };
    expect(figure({ ...summary, money: locked }, 'real').note).toContain('refused');
  });

  it('counts what the lock refused, also when a reset has released it since', () => {
    const log = new Log();
    log.tell({ kind: 'locked', body: { virtualUsd: 1e7, realUsd: 0, limitUsd: 0 } });
    log.tell({ kind: 'refused', body: { lane: 'eventual', counts: { REAL_BUDGET_EXCEEDED: 2, BUSY: 1 } } });
    log.tell({ kind: 'refused', body: { lane: 'safe', counts: { REAL_BUDGET_EXCEEDED: 1 } } });
    log.tell({ kind: 'reset', body: { by: 'p', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 } });
    const summary = summaryOf(log.events);
    expect(summary.money.locked).toBe(true);
    expect(figure(summary, 'real').note).toBe(
      'Locked at $0.00. The lock refused 3 orders that would have passed it.',
    );
    expect(figure(summaryOf(), 'real').note).toContain('never had to refuse anything');
  });

  it('shows percentiles only of samples that have them', () => {
    const few = { n: 99, p50: 8.25, p95: 31, p99: 60 };
    const many = { n: 100, p50: 20, p95: 31, p99: 60 };
    const summary = summaryOf(RACED, {
      latency: { safe: few, eventual: many },
      recovery: { drills: 1, sockets: 3, reports: 3, p50Ms: 9, p95Ms: 12, maxMs: 12, missing: 0 },
    });
    expect(figure(summary, 'latency-safe')).toMatchObject({ value: '8.3 ms' });
    expect(figure(summary, 'latency-safe').note).toContain('99 round trips');
    expect(figure(summary, 'latency-safe').note).not.toContain('60');
    expect(figure(summary, 'latency-eventual').note).toContain('p99 60 ms');
    expect(figure(summary, 'recovery').note).toMatch(/^Slowest of 3 ways back/);
  });

  it('is seen first by what oversold most, else by the lane that kept its word, else by the bill', () => {
    const hero = (summary: RoomSummary) => heroOf(summary, roomCard(summary)).key;
    expect(hero(summaryOf())).toBe('real');
    const log = new Log();
    log.tell({ kind: 'allocated', body: { lane: 'safe', op: 'a', who: 'ann', units: 1 } });
    expect(hero(summaryOf(log.events))).toBe('safe');
    expect(hero(summaryOf(RACED))).toBe('eventual');
  });

  it('says which figures are of SIMULATED shoppers too, and what is an ESTIMATE', () => {
    const log = new Log();
    log.tell({
      kind: 'allocated',
      body: { lane: 'safe', op: 'a', who: 'sim-1', units: 1, sim: true },
    });
    const summary = summaryOf(log.events, { mostPhones: 300 });
    for (const key of ['safe', 'orders'])
      expect(figure(summary, key).simulated, key).toBe('SIMULATED shoppers got the 1 unit sold.');
    for (const key of ['exposure', 'people', 'virtual'])
      expect(figure(summary, key).simulated, key).toBe('SIMULATED shoppers took part.');
    const untouched = ['real', 'eventual', 'lost-eventual', 'latency-safe', 'recovery', 'duration'];
    for (const key of untouched) expect(figure(summary, key).simulated, key).toBe('');
    expect(figure(summary, 'people')).toMatchObject({ value: '300' });
    expect(figure(summary, 'virtual').label).toContain('ESTIMATE');
  });
});

it('addresses of the summary, of a check and of the log survive an odd id', () => {
  expect(showPath('K7QM2P')).toBe('/show/K7QM2P');
  expect(checkPath('K7QM2P', 'a_b-1', 'safeCapacity')).toBe(
    '/verify?show=K7QM2P&sku=a_b-1#check-safeCapacity',
  );
  expect(checkAnchor('limit')).toBe('check-limit');
  expect(logPath('K7QM2P', 'a&b')).toBe('/api/demo/log?skuId=a%26b&show=K7QM2P');
});
