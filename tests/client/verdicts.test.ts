/** The words of the matrix: a promise holds only where this show put it to the test, and a broken one is said to be broken. */
import { describe, expect, test } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditReport } from '#lib/domain/auditor.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { LatencySummary } from '#lib/domain/room-state.ts';
import { personas } from '#lib/guide/personas.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { LaneSummary, RoomSummary } from '#lib/summary/show-summary.ts';
import type { GuideShow } from '../../src/routes/guide/figures.ts';
import { verdictOn } from '../../src/routes/guide/verdicts.ts';
import { Log } from '../domain/support/room-facts.ts';

const NO_LATENCY: LatencySummary = { n: 0, p50: null, p95: null, p99: null };
const FIELDS = ['sessionId', 'ipHash', 'createdAt', 'renewedAt', 'role', 'show', 'proof'];

/** A room as it opens. */
function opened(): RoomSummary {
  const totals = new RoomTotals();
  for (const event of new Log().events) totals.take(event);
  return totals.summary({
    latency: { safe: NO_LATENCY, eventual: NO_LATENCY },
    mostPhones: 0,
    inFlight: 0,
    money: { realUsd: 0, limitUsd: 0, locked: false },
  });
}

/** A room in which some lanes came to this in its only epoch. */
function room(lanes: Partial<Record<LaneId, Partial<LaneSummary>>>, change: Partial<RoomSummary> = {}) {
  const empty = opened();
  const [epoch] = empty.epochs;
  const all = Object.entries(epoch!.lanes).map(([lane, was]) => [lane, { ...was, ...lanes[lane as LaneId] }]);
  return { ...empty, epochs: [{ ...epoch!, lanes: Object.fromEntries(all) as never }], ...change };
}

function showOf(rooms: RoomSummary[], kept: string[] | null = null): GuideShow {
  return { summary: { show: 'K7QM2P', status: 'live', asOfMs: 0, rooms }, kept };
}

function audit(once: { ok: boolean; open?: true }): AuditReport {
  const check = { name: AUDIT_LINES.once[0], expected: '', found: '', ...once };
  return { epoch: 1, seq: 1, settled: true, inFlight: 0, rows: null, checks: [check] };
}

const verdict = (id: string, show: GuideShow, report: AuditReport | null = null) =>
  verdictOn(id, { ...show, audit: report }).verdict;

const capacity = opened().sku.capacity;
const soldOut = (code: ErrorCode = 'OUT_OF_STOCK') => ({
  ops: capacity,
  acknowledged: capacity,
  refused: 21,
  refusedByCode: { [code]: 21 },
});
const cut = { drills: 1, sockets: 60, reports: 60, waitedP50Ms: 5, p50Ms: 400, p95Ms: 700, maxMs: 900 };

test('every row of the matrix has a verdict, and none of an empty show is more than “not shown yet”', () => {
  const empty = showOf([opened()]);
  for (const { id } of personas()) expect(verdict(id, empty), id).toBe('open');
  expect(() => verdict('CTO', empty)).toThrow('no proof');
});

test('stock is shown by a safe lane that was asked for more than it had, not by one that was never emptied', () => {
  const half = showOf([room({ safe: { ops: 3, acknowledged: 3 } }, { recovery: { ...cut, missing: 0 } })]);
  expect(verdictOn('CEO', { ...half, audit: null })).toEqual({ verdict: 'part', missing: 'safeStock' });
  const unasked = showOf([room({ safe: { ops: capacity, acknowledged: capacity } })]);
  expect(verdict('CEO', unasked)).toBe('open');
  const stopped = showOf([room({ safe: soldOut() })]);
  expect(verdictOn('CEO', { ...stopped, audit: null })).toEqual({ verdict: 'part', missing: 'recovery' });
  const whole = showOf([room({ safe: soldOut() }, { recovery: { ...cut, missing: 0 } })]);
  expect(verdict('CEO', whole)).toBe('holds');
});

test('one run, in whichever room, that broke a promise breaks it', () => {
  const fine = room({ safe: soldOut() }, { recovery: { ...cut, missing: 0 } });
  const over = room({ safe: { ...soldOut(), acknowledged: capacity + 1, oversellDelta: 1 } });
  expect(verdict('CEO', showOf([fine, over]))).toBe('broken');
  expect(verdict('CEO', showOf([fine, room({}, { recovery: { ...cut, missing: 1 } })]))).toBe('broken');
  const money = { ...fine.money, realUsd: 0.01 };
  expect(verdict('CFO', showOf([fine, room({}, { money })]))).toBe('broken');
});

describe('each of the others', () => {
  test('CFO: the limit is shown once something was charged for', () => {
    expect(verdict('CFO', showOf([room({ eventual: { ops: 1, acknowledged: 1 } })]))).toBe('holds');
  });

  test('COO: by the audit, which may not have looked yet', () => {
    const show = showOf([room({ safe: soldOut() })]);
    expect(verdict('COO', show)).toBe('part');
    expect(verdict('COO', show, audit({ ok: true, open: true }))).toBe('part');
    expect(verdict('COO', show, audit({ ok: true }))).toBe('holds');
    expect(verdict('COO', show, audit({ ok: false }))).toBe('broken');
  });

  test('CIO: both lanes answered', () => {
    expect(verdict('CIO', showOf([room({ safe: soldOut() })]))).toBe('open');
    expect(verdict('CIO', showOf([room({ safe: soldOut(), eventual: { refused: 1 } })]))).toBe('holds');
  });

  test.each([
    [19, 40, 'open'],
    [20, 100, 'holds'],
    [20, 101, 'broken'],
  ])('CMO: %i answers, the slowest twentieth at %i ms: %s', (n, p95, word) => {
    const latency = {
      safe: { n, p50: 12, p95, p99: null },
      eventual: { n: 99, p50: 130, p95: 190, p99: null },
    };
    expect(verdict('CMO', showOf([room({}, { latency })]))).toBe(word);
  });

  test('CRO: one lane oversold and the other was emptied and stopped', () => {
    const raced = { ops: 130, acknowledged: capacity + 23, oversellDelta: 23 };
    expect(verdict('CRO', showOf([room({ eventual: raced })]))).toBe('part');
    expect(verdict('CRO', showOf([room({ eventual: raced, safe: soldOut() })]))).toBe('holds');
  });

  test('CCO: by the fields of a record, of which none may be more', () => {
    expect(verdict('CCO', showOf([opened()], FIELDS))).toBe('holds');
    expect(verdict('CCO', showOf([opened()], [...FIELDS, 'email']))).toBe('broken');
  });

  test('CSO: somebody was too fast; to be sold out is no proof of it', () => {
    expect(verdict('CSO', showOf([room({ safe: soldOut() })]))).toBe('open');
    expect(verdict('CSO', showOf([room({ safe: soldOut('RATE_LIMITED') })]))).toBe('holds');
  });
});
