/**
 * A lane that nobody has heard of: one more row in the table, and a show that sells on it. Reducer, state, audit, summary,
 * verifier and what screens are made of take it from there; nothing else was told of it.
 */
import { expect, test, vi } from 'vitest';
import { RoomHistory } from '#lib/client/history.ts';
import { capitalised } from '#lib/components/format.ts';
import { modeWords } from '#lib/components/lane-words.ts';
import { raceSummary } from '#lib/components/race-paint.ts';
import { laneColour, modeColour } from '#lib/components/lane-colour.ts';
import type { Write } from '#lib/domain/write.ts';
import { rowsOfLanes } from '#lib/domain/auditor.ts';
import type { EventDraft } from '#lib/domain/events.ts';
import { byLane, idsIn, modesOf } from '#lib/domain/by-lane.ts';
import { LANE_IDS, lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { emptyLatency, takeReport } from '#lib/domain/round-trip.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import { holdingsOf, roomState, toldLedger } from '#lib/domain/view.ts';
import { roomCard } from '#lib/summary/card.ts';
import { RoomBooks } from '#lib/summary/room-books.ts';
import { SeriesCsv } from '#lib/summary/series-csv.ts';
import { parseRoomSummary } from '#lib/summary/show-summary.ts';
import { Replay } from '#lib/verify/replay.ts';
import { auditOf, wrongAt, wrongLines } from './support/audits.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from './support/room-facts.ts';

vi.mock(import('#lib/domain/lanes.ts'), async (original) => {
  const table = await original();
  const fixture = {
    answers: 'later',
    canOversell: true,
    hasLineage: true,
    colour: 'eventual',
  } as const;
  return { ...table, LANES: { ...table.LANES, fixture } };
});

const FIXTURE = 'fixture' as LaneId;
const SHOW: readonly LaneId[] = ['safe', FIXTURE];
const CAPACITY = 2;

/** The op that a letter stands for. */
const opOf = (letter: string) => `${letter.repeat(8)}-0000-4000-8000-000000000000`;

/** A room with one careful lane and the new one, on which three have bought two units, and one of them was erased. */
function raced() {
  const config = { ...DEFAULT_CONFIG, virtualCostThreshold: 1_000_000 };
  const opened = { ...openedBody({ ...SKU, capacity: CAPACITY }, config), lanes: SHOW };
  const log = new Log(opened);
  const rows: Write[] = [];
  const write = (letter: string, parentVersion: number, readAllocated: number): readonly EventDraft[] => {
    const op = opOf(letter);
    const buyer = { op, who: `owner of ${letter}`, units: 1, sim: letter === 'c' };
    const version = ofLane(log.facts.lanes, FIXTURE).lineage.writes.length + 1;
    const wroteAllocated = readAllocated + 1;
    const row = { op, who: buyer.who, units: 1, parentVersion, version, readAllocated, wroteAllocated };
    rows.push(row);
    return draftsOfWrite(log.facts, FIXTURE, buyer, row, { readAtMs: 1_000, wroteAtMs: 1_100 });
  };
  log.tell({ kind: 'mode', body: { mode: FIXTURE, by: 'Host' } });
  log.tellAtOnce(...write('a', 0, 0));
  log.tellAtOnce(...write('b', 0, 0));
  log.tellAtOnce(...write('c', 1, 1));
  const careful = { op: opOf('d'), who: 'owner of d', units: 1, sim: false };
  log.tellAtOnce(...draftsOfGrant(log.facts, 'safe', careful));
  log.tell({ kind: 'refused', body: { lane: FIXTURE, counts: { OUT_OF_STOCK: 1 } } });
  return { log, d1Orders: [{ lane: FIXTURE, epoch: 1, rows }] };
}

function stateOf({ facts }: Log, latency = emptyLatency(SHOW)): RoomState {
  return roomState(facts, {
    people: { phones: 3, stages: 1 },
    inFlight: byLane(SHOW, () => 0),
    latency,
    ledger: toldLedger(facts),
    closesAt: 1_900_000_000_000,
  });
}

test('it is a lane, a mode, and has words and a colour', () => {
  expect(LANE_IDS).toEqual(['safe', 'eventual', 'fixture']);
  expect(lanesOf(FIXTURE)).toEqual([FIXTURE]);
  expect(lanesOf('both')).toEqual(['safe', 'eventual']);
  expect(modesOf(SHOW)).toEqual(['safe', FIXTURE]);
  expect(modesOf(['safe', 'eventual'])).toEqual(['safe', 'eventual', 'both']);
  expect([modeWords(FIXTURE), capitalised(FIXTURE)]).toEqual(['fixture lane', 'Fixture']);
  expect([laneColour(FIXTURE), modeColour(FIXTURE)]).toEqual(['var(--eventual)', 'var(--eventual)']);
});

test('the state has the lanes of the show, in its order, and no others', () => {
  const { log } = raced();
  const latency = emptyLatency(SHOW);
  const lanes = { [FIXTURE]: { status: 'allocated', units: 1 } } as const;
  const known = {
    op: opOf('c'),
    owner: 's',
    label: 'x',
    units: 1,
    mode: FIXTURE,
    epoch: 1,
    admittedAtMs: 0,
    lanes,
  };
  expect(takeReport(latency, log.facts, known, { [FIXTURE]: 30 }, 2_000_000_000_000, Infinity)).toEqual([]);
  const state = stateOf(log, latency);
  expect(idsIn(state.lanes)).toEqual(SHOW);
  expect(ofLane(state.lanes, FIXTURE)).toMatchObject({
    acknowledged: 3,
    stored: 2,
    lostUnits: 1,
    oversellDelta: 1,
    conflicts: 2,
    refused: { OUT_OF_STOCK: 1 },
    latency: { n: 0, left: 1 },
  });
  expect(() => ofLane(state.lanes, 'eventual')).toThrow('no eventual lane');
  expect(holdingsOf(log.facts, 'owner of b')).toMatchObject([{ lane: FIXTURE, fate: 'lost' }]);
});

test('the audit recounts it, holds its rows against the log, and finds what is wrong with either', () => {
  const { log, d1Orders } = raced();
  const state = stateOf(log);
  expect(wrongLines(auditOf(log.events, { state, d1Orders }))).toEqual([]);
  const shown = structuredClone(state);
  ofLane(shown.lanes, FIXTURE).lostUnits = 0;
  expect(wrongAt(auditOf(log.events, { state: shown }), 'lostUnits')).toContain('fixture: shown 0');
  const { [FIXTURE]: _hidden, ...lanes } = state.lanes;
  expect(wrongAt(auditOf(log.events, { state: { ...state, lanes } }), 'state')).toContain('fixture lane');
  const missing = d1Orders.map((epoch) => ({ ...epoch, rows: epoch.rows.slice(1) }));
  expect(wrongAt(auditOf(log.events, { state, d1Orders: missing }), 'd1')).toContain(
    `op ${opOf('a')} has no row`,
  );
  const untold = log.events.filter(({ kind }) => kind !== 'lost');
  expect(wrongAt(auditOf(untold), 'fates')).toContain(`lost ${opOf('a')}`);
});

test('the rows of several lanes are one line of a live audit, no newer and no better than the worst of them', () => {
  const counted = (ok: boolean, rows: number) => {
    const figure = { ok, found: `${rows} rows`, rows, allocations: rows };
    return { newest: { figure, seq: rows }, failed: false };
  };
  const figure = { ok: false, found: '3 rows; 5 rows', rows: 8, allocations: 8 };
  expect(rowsOfLanes([counted(true, 3)])).toEqual(counted(true, 3));
  expect(rowsOfLanes([counted(true, 3), counted(false, 5)])).toEqual({
    newest: { figure, seq: 3 },
    failed: false,
  });
  expect(rowsOfLanes([counted(true, 3), { newest: null, failed: true }])).toEqual({
    newest: null,
    failed: true,
  });
});

test('the summary, the card and the table are of its lanes', () => {
  const { log } = raced();
  const [books, csv] = [new RoomBooks(), new SeriesCsv()];
  const rows = log.events.map((event) => {
    books.take(event);
    return csv.take(event);
  });
  const latency = byLane(SHOW, () => ({ n: 0, p50: null, p95: null, p99: null }));
  const money = { realUsd: 0, limitUsd: 0, locked: false };
  const summary = books.summary({ latency, mostPhones: 3, inFlight: 0, money });
  expect(parseRoomSummary(JSON.stringify(summary))).toEqual(summary);
  expect(idsIn(summary.epochs[0]!.lanes)).toEqual(SHOW);
  expect(ofLane(summary.epochs[0]!.lanes, FIXTURE)).toMatchObject({ acknowledged: 3, losses: 2, returns: 1 });
  expect(idsIn(summary.epochs[0]!.curve.curves)).toEqual(SHOW);
  const card = new Map(roomCard(summary).map((figure) => [figure.key, figure]));
  expect(card.get(FIXTURE)).toMatchObject({ label: 'Fixture lane, oversold', value: '+1' });
  expect(card.get('lost-fixture')).toMatchObject({ label: 'Lost by the fixture lane', value: '1' });
  expect([card.has('eventual'), card.has('latency-fixture')]).toEqual([false, true]);
  expect(rows[0]?.split('\r\n')).toHaveLength(SHOW.length + 1);
  expect(rows.join('')).toContain(`,fixture,allocated,${opOf('c')},`);
});

test('the replay and the stage’s own history draw it', () => {
  const { log } = raced();
  const [replay, history] = [new Replay(), new RoomHistory()];
  const drawnBefore = history.series(FIXTURE);
  for (const event of log.events) replay.take(event);
  replay.finish();
  const [epoch] = replay.epochs;
  expect([...(epoch?.series.keys() ?? [])]).toEqual(['safe', FIXTURE] satisfies Mode[]);
  expect(epoch?.witnesses.map(({ lane, op }) => [lane, op])).toEqual([
    [FIXTURE, opOf('a')],
    [FIXTURE, opOf('b')],
  ]);
  expect(history.apply(log.events)).toBe('whole');
  expect(history.series(FIXTURE)).toBe(drawnBefore);
  expect(history.lane(FIXTURE)).toMatchObject({ simUnits: 1, cells: { length: 3, lost: 1 } });
  expect(raceSummary(history.series(FIXTURE), CAPACITY)).toBe(
    'fixture lane: 3 sold of 2, 1 more than exist; its counter says 2.',
  );
});
