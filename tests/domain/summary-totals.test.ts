/** A room's summary: what its log comes to, held against the verifier's replay. */
import { describe, expect, it } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { Measured } from '#lib/summary/room-totals.ts';
import { parseRoomSummary, readShowSummary, SUMMARY_FORMAT } from '#lib/summary/show-summary.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import { Replay } from '#lib/verify/replay.ts';
import { longLog } from '../verify/support/long-log.ts';
import { Log } from './support/room-facts.ts';
import { playShow } from './support/show.ts';

const NOTHING = { n: 0, p50: null, p95: null, p99: null };
const MEASURED: Measured = {
  latency: { safe: NOTHING, eventual: { n: 12, p50: 20, p95: 40, p99: 41 } },
  mostPhones: 300,
  inFlight: 0,
  money: { realUsd: 0, limitUsd: 0, locked: false },
};

/** The summary of a log. */
function summed(events: readonly RoomEvent[]): RoomSummary {
  const totals = new RoomTotals();
  for (const event of events) totals.take(event);
  return totals.summary(MEASURED);
}

function replayed(events: readonly RoomEvent[]) {
  const replay = new Replay();
  for (const event of events) replay.take(event);
  replay.finish();
  return replay.epochs;
}

describe('a summary', () => {
  it('has the figures of every epoch that the replay has, over many shows', () => {
    let lost = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { events } = playShow({ seed, steps: 250, mode: 'both', resetEvery: 90, sku: { capacity: 12 } });
      const { epochs, seq, head } = summed(events);
      const expected = replayed(events);
      expect([seq, head]).toEqual([events.length, events.at(-1)?.hash]);
      expect(epochs.map(({ epoch }) => epoch)).toEqual(expected.map(({ totals }) => totals.epoch));
      for (const [place, { totals, witnesses }] of expected.entries()) {
        const epoch = epochs[place]!;
        expect(epoch).toMatchObject({
          firstSeq: totals.firstSeq,
          lastSeq: totals.lastSeq,
          buyers: totals.buyers,
          virtualUsd: totals.cost?.virtualUsd ?? null,
        });
        for (const lane of PAIR) {
          const { acknowledged, stored, lostUnits, oversellDelta, ops, conflicts } = ofLane(
            totals.lanes,
            lane,
          );
          const counters = { acknowledged, stored, lostUnits, oversellDelta, ops, conflicts };
          expect(epoch.lanes[lane], `seed ${seed}, epoch ${totals.epoch}`).toMatchObject(counters);
          expect(epoch.lanes[lane]?.refusedByCode).toEqual(totals.lanes[lane]?.refused);
          expect(epoch.lanes[lane]?.simUnits).toBe(totals.simUnits[lane]);
        }
        expect(epoch.lanes.eventual?.losses).toBe(witnesses.length);
        expect(epoch.lanes.eventual?.returns).toBe(totals.returns);
        lost += ofLane(epoch.lanes, 'eventual').lostUnits;
      }
    }
    expect(lost, 'updates were lost in these shows').toBeGreaterThan(0);
  });

  it('of a room in which nothing happened yet has one empty epoch', () => {
    const { epochs, closedBy, recovery } = summed(new Log().events);
    expect(epochs).toHaveLength(1);
    expect(epochs[0]).toMatchObject({ epoch: 1, buyers: 0, exposureUsd: 0, virtualUsd: null });
    expect(epochs[0]?.curve).toMatchObject({ xs: [], every: 1 });
    expect(closedBy).toBeNull();
    expect(recovery).toEqual({
      drills: 0,
      sockets: 0,
      reports: 0,
      waitedP50Ms: null,
      p50Ms: null,
      p95Ms: null,
      maxMs: null,
      missing: 0,
    });
  });

  it('of one order has one moment in its curve', () => {
    const log = new Log();
    log.tell({ kind: 'allocated', body: { lane: 'safe', op: 'a', who: 'amber-otter', units: 2 } });
    const [epoch] = summed(log.events).epochs;
    expect(epoch?.curve.curves.safe).toEqual({ acknowledged: [0, 2], stored: [0, 2] });
  });

  it('asked for twice is the same, and goes on from there', () => {
    const { events } = playShow({ seed: 4, steps: 200, mode: 'both', resetEvery: 80, sku: { capacity: 12 } });
    const totals = new RoomTotals();
    const half = Math.floor(events.length / 2);
    for (const event of events.slice(0, half)) totals.take(event);
    expect(totals.summary(MEASURED)).toEqual(totals.summary(MEASURED));
    for (const event of events.slice(half)) totals.take(event);
    expect(totals.summary(MEASURED)).toEqual(summed(events));
  });

  it('counts ways back from the cut on, of drills that cut connections, and not of those that slept', () => {
    const log = new Log();
    const client = (ms: number, missing = 0) => ({ who: 'amber-otter', waitedMs: 5, ms, missing });
    const drop = log.tell({ kind: 'drill', body: { kind: 'drop', by: 'p', sockets: 41, wakes: 1 } }).seq;
    const ways = Array.from({ length: 40 }, (_, at) => client(at + 1, at === 7 ? 2 : 0));
    log.tell({ kind: 'recovered', body: { drill: drop, clients: ways } });
    const sleep = log.tell({ kind: 'drill', body: { kind: 'sleep', by: 'p', sockets: 41, wakes: 2 } }).seq;
    log.tell({ kind: 'recovered', body: { drill: sleep, clients: [client(9_000)] } });
    expect(summed(log.events).recovery).toEqual({
      drills: 1,
      sockets: 41,
      reports: 40,
      waitedP50Ms: 5,
      p50Ms: 25,
      p95Ms: 43,
      maxMs: 45,
      missing: 2,
    });
  });

  it('of a long show stays small, and its curves end where the log does', () => {
    const events = longLog(30_000);
    const { epochs } = summed(events);
    const moments = epochs.reduce((sum, { curve }) => sum + curve.xs.length, 0);
    expect(JSON.stringify(epochs).length, 'a database row may hold two million').toBeLessThan(400_000);
    expect(moments).toBeLessThanOrEqual(6_000);
    for (const { lanes, curve } of epochs) {
      expect(curve.every).toBeGreaterThan(1);
      expect(curve.xs[0]).toBe(0);
      for (const lane of PAIR) {
        expect(ofLane(curve.curves, lane).acknowledged.at(-1)).toBe(ofLane(lanes, lane).acknowledged);
        expect(ofLane(curve.curves, lane).stored.at(-1)).toBe(ofLane(lanes, lane).stored);
        expect(ofLane(curve.curves, lane).acknowledged).toHaveLength(curve.xs.length);
      }
    }
  });
});

describe('a stored summary', () => {
  it('is read as it was written', () => {
    const { events } = playShow({ seed: 9, steps: 200, mode: 'both', resetEvery: 80, sku: { capacity: 12 } });
    const summary = summed(events);
    expect(parseRoomSummary(JSON.stringify(summary))).toEqual(summary);
  });

  it('is refused when it is none, or of another version', () => {
    const room = summed(new Log().events);
    const whole = {
      format: SUMMARY_FORMAT,
      formatVersion: 1,
      show: 'ABCDEF',
      status: 'live',
      asOfMs: 1,
      endedAtMs: null,
      readableUntilMs: null,
      joined: 0,
      rooms: [room],
    };
    expect(readShowSummary(whole)).toEqual(whole);
    expect(readShowSummary({ ...whole, formatVersion: 2 })).toBeNull();
    expect(readShowSummary({ ...whole, rooms: [{ ...room, epochs: 'many' }] })).toBeNull();
    expect(readShowSummary('a page')).toBeNull();
    expect(() => parseRoomSummary('{}')).toThrow();
  });
});

it('of a show that has ended, round trips and phones are those that its log told, where it tells them', () => {
  const log = new Log();
  const totals = new RoomTotals();
  const isMeasured = { latency: MEASURED.latency, mostPhones: 300 };
  for (const event of log.events) totals.take(event);
  const safe = {
    n: 3,
    left: 2,
    buckets: [
      [30, 2],
      [40, 1],
    ],
  } as const;
  totals.take(log.tell({ kind: 'latency', body: { lanes: { safe }, phones: 41 } }));
  expect(totals.summary(MEASURED)).toMatchObject(isMeasured);
  totals.take(log.tell({ kind: 'closed', body: { by: 'presenter' } }));
  const { latency, mostPhones } = totals.summary(MEASURED);
  expect(mostPhones).toBe(41);
  expect(latency.safe).toMatchObject({ n: 3, p50: expect.closeTo(1.1 ** 30 / 1.05, 0) });
  expect(latency.eventual).toEqual(NOTHING);
});
