/** Telemetry: aggregates, in columns named once, and nobody in them. */
import { describe, expect, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import type { EventDraft } from '#lib/domain/events.ts';
import { BLOBS, columnsOf, DOUBLES, pointsOf } from '#server/telemetry.ts';
import { guardrail } from '#lib/room/presenting.ts';
import { resetRoom } from '#server/room/reset-calls.ts';
import { inRoom, settled, until } from './support/inner-room.ts';

const where = { show: 'ABCDEF', sku: 'ticket' };
const event = (draft: EventDraft, index: number) => ({
  ...draft,
  seq: index + 1,
  epoch: 1,
  atMs: 0,
  hash: '',
});
const allocated = (lane: LaneId, op: string, units: number): EventDraft => ({
  kind: 'allocated',
  body: { lane, op, who: `who-${op}`, units },
});

type Column = (typeof BLOBS)[number] | (typeof DOUBLES)[number];

/** A point with its columns named again. */
function named({ indexes, blobs = [], doubles = [] }: AnalyticsEngineDataPoint) {
  const columns = [
    ...BLOBS.map((name, at) => [name, blobs[at]]),
    ...DOUBLES.map((name, at) => [name, doubles[at]]),
  ];
  return { index: indexes?.[0], ...(Object.fromEntries(columns) as Record<Column, string | number>) };
}

describe('the points of a commit', () => {
  it('are one for each lane and kind, however many events there were', () => {
    const fate = {
      parentVersion: 0,
      version: 2,
      storedBefore: 1,
      storedAfter: 1,
      by: 'b',
      byWho: 'x',
      units: 1,
    };
    const drafts: EventDraft[] = [
      allocated('safe', 'a', 2),
      allocated('safe', 'b', 3),
      allocated('eventual', 'c', 1),
      { kind: 'lost', body: { lane: 'eventual', op: 'c', who: 'who-c', ...fate } },
      { kind: 'oversold', body: { lane: 'eventual', delta: 1, by: 'c' } },
      { kind: 'oversold', body: { lane: 'eventual', delta: 4, by: 'd' } },
      { kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 7, RATE_LIMITED: 1 } } },
      { kind: 'mode', body: { mode: 'safe', by: 'host' } },
    ];
    expect(pointsOf(drafts.map(event), where)).toEqual([
      { ...where, kind: 'allocation', lane: 'safe', count: 2, units: 5 },
      { ...where, kind: 'refusal', lane: 'safe', detail: 'OUT_OF_STOCK', count: 7 },
      { ...where, kind: 'refusal', lane: 'safe', detail: 'RATE_LIMITED', count: 1 },
      { ...where, kind: 'allocation', lane: 'eventual', count: 1, units: 1 },
      { ...where, kind: 'lost', lane: 'eventual', count: 1, units: 1 },
      { ...where, kind: 'oversell', lane: 'eventual', units: 4 },
    ]);
  });

  it('lie in the columns that the documents name, with the show as index', () => {
    const point = columnsOf({ ...where, kind: 'refusal', lane: 'safe', detail: 'BUSY', count: 3 });
    expect(named(point)).toEqual({
      index: 'ABCDEF',
      kind: 'refusal',
      show: 'ABCDEF',
      sku: 'ticket',
      lane: 'safe',
      detail: 'BUSY',
      count: 3,
      units: 0,
      usd: 0,
    });
  });
});

describe('a room', () => {
  it('writes a point for everything that matters, counts each, and names nobody', () =>
    inRoom({ capacity: 3, mode: 'both' }, async ({ room, points, tap }) => {
      const taps = [1, 2, 3, 4, 5].map((guest) => tap({ who: `guest-${guest}` }));
      await Promise.all(taps.map(({ first }) => first));
      await settled(room);
      for (const action of ['trip', 'clear'] as const) await room.commits.ask((tx) => guardrail(tx, action));
      await until(() => points.some((point) => named(point).kind === 'refusal'));
      // An epoch's meters start anew: count before.
      const metered = room.memory.meters.counts['ae.point'];
      expect(metered).toBe(points.length);
      await resetRoom(room, crypto.randomUUID(), 'host');
      const told = points.map(named);
      const kinds = new Set(told.map(({ kind }) => kind));
      for (const kind of ['allocation', 'lost', 'oversell', 'refusal', 'guardrail', 'reset']) {
        expect(kinds).toContain(kind);
      }
      const units = (lane: string) =>
        told
          .filter((point) => point.kind === 'allocation' && point.lane === lane)
          .reduce((sum, point) => sum + Number(point.units), 0);
      expect(units('safe')).toBe(3);
      expect(units('eventual')).toBe(5);
      const text = JSON.stringify(points);
      for (const { op } of taps) expect(text).not.toContain(op);
      expect(text).not.toContain('guest-');
    }));

  it('goes on when telemetry fails', () =>
    inRoom({ mode: 'safe' }, async ({ room, points, tap }) => {
      points.push = () => {
        throw new Error('The test has broken telemetry.');
      };
      expect(await tap().first).toMatchObject({ lanes: { safe: { status: 'allocated' } } });
      expect(room.state().lanes.safe?.ops).toBe(1);
    }));
});
