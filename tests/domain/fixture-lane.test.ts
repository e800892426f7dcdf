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
import { byLane, idsIn, lanesIn, modeRefusal, modesOf, sumsOf } from '#lib/domain/by-lane.ts';
import { LANE_IDS, lanesOf, ofLane, tappedLanes } from '#lib/domain/lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { emptyLatency, takeReport } from '#lib/domain/round-trip.ts';
import { turnTo } from '#lib/domain/script.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import { holdingsOf, roomState, toldLedger } from '#lib/domain/view.ts';
import { versionOf } from '#lib/protocol/version.ts';
import { roomCard } from '#lib/summary/card.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import { SeriesCsv } from '#lib/summary/series-csv.ts';
import { parseRoomSummary } from '#lib/summary/show-summary.ts';
import { Replay } from '#lib/verify/replay.ts';
import { chartsOf } from '../../src/routes/verify/messages.ts';
import { exportLines } from '../verify/support/export.ts';
import { firstWrong, verified } from '../verify/support/verified.ts';
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
const THREE: readonly LaneId[] = ['safe', 'eventual', FIXTURE];
const CAPACITY = 2;

/** The op that a letter stands for. */
const opOf = (letter: string) => `${letter.repeat(8)}-0000-4000-8000-000000000000`;

/** A room of a show with these lanes. */
function opened(lanes: readonly LaneId[]): Log {
  const config = { ...DEFAULT_CONFIG, virtualCostThreshold: 1_000_000 };
  return new Log({ ...openedBody({ ...SKU, capacity: CAPACITY }, config), lanes });
}

/** Writes blindly on a lane; its rows grow by the order. */
function writerOn(log: Log, lane: LaneId, rows: Write[]) {
  return (letter: string, parentVersion: number, readAllocated: number): readonly EventDraft[] => {
    const op = opOf(letter);
    const buyer = { op, who: `owner of ${letter}`, units: 1, sim: letter === 'c' };
    const version = ofLane(log.facts.lanes, lane).lineage.writes.length + 1;
    const wroteAllocated = readAllocated + 1;
    const row = { op, who: buyer.who, units: 1, parentVersion, version, readAllocated, wroteAllocated };
    rows.push(row);
    return draftsOfWrite(log.facts, lane, buyer, row, { readAtMs: 1_000, wroteAtMs: 1_100 });
  };
}

/** A room with one careful lane and the new one, on which three have bought two units, and one of them was erased. */
function raced() {
  const log = opened(SHOW);
  const rows: Write[] = [];
  const write = writerOn(log, FIXTURE, rows);
  log.tell({ kind: 'mode', body: { mode: FIXTURE, by: 'Host' } });
  log.tellAtOnce(...write('a', 0, 0));
  log.tellAtOnce(...write('b', 0, 0));
  log.tellAtOnce(...write('c', 1, 1));
  const careful = { op: opOf('d'), who: 'owner of d', units: 1, sim: false };
  log.tellAtOnce(...draftsOfGrant(log.facts, 'safe', careful));
  log.tell({ kind: 'refused', body: { lane: FIXTURE, counts: { OUT_OF_STOCK: 1 } } });
  return { log, d1Orders: [{ lane: FIXTURE, epoch: 1, rows }] };
}

/** The same three taps on every lane of a show of three: each lane decides them by itself. */
function contest() {
  const log = opened(THREE);
  const d1Orders = (['eventual', FIXTURE] as const).map((lane) => ({
    lane,
    epoch: 1,
    rows: [] as Write[],
  }));
  log.tell({ kind: 'mode', body: { mode: 'contest', by: 'Host' } });
  for (const [letter, parentVersion] of [
    ['a', 0],
    ['b', 0],
    ['c', 1],
  ] as const) {
    const buyer = { op: opOf(letter), who: `owner of ${letter}`, units: 1, sim: letter === 'c' };
    if (letter !== 'c') log.tellAtOnce(...draftsOfGrant(log.facts, 'safe', buyer));
    for (const { lane, rows } of d1Orders) {
      log.tellAtOnce(...writerOn(log, lane, rows)(letter, parentVersion, parentVersion));
    }
  }
  log.tell({ kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 1 } } });
  return { log, d1Orders };
}

function stateOf({ facts }: Log, latency = emptyLatency(idsIn(facts.lanes))): RoomState {
  return roomState(facts, {
    people: { phones: 3, stages: 1, practice: 0 },
    nowMs: 0,
    inFlight: byLane(idsIn(facts.lanes), () => 0),
    latency,
    ledger: toldLedger(facts),
    closesAt: 1_900_000_000_000,
    own: 'REAL ENGINE',
  });
}

test('it is a lane, a mode, and has words and a colour', () => {
  expect([LANE_IDS.slice(0, 2), LANE_IDS.at(-1)]).toEqual([['safe', 'eventual'], 'fixture']);
  expect(lanesOf(FIXTURE, THREE)).toEqual([FIXTURE]);
  expect(lanesOf('both', THREE)).toEqual(['safe', 'eventual']);
  expect([modeWords(FIXTURE), capitalised(FIXTURE)]).toEqual(['fixture lane', 'Fixture']);
  expect([laneColour(FIXTURE), modeColour(FIXTURE)]).toEqual(['var(--eventual)', 'var(--eventual)']);
  expect([modeWords('contest'), modeColour('contest')]).toEqual(['all lanes', modeColour('both')]);
});

test('a show has the modes of its lanes, and a contest where no other mode means all of them', () => {
  expect(modesOf(THREE)).toEqual(['safe', 'eventual', FIXTURE, 'both', 'contest']);
  expect(modesOf(SHOW)).toEqual(['safe', FIXTURE, 'contest']);
  expect(modesOf(['eventual', 'safe'])).toEqual(['safe', 'eventual', 'both']);
  expect([modesOf([FIXTURE]), modesOf([])]).toEqual([[FIXTURE], []]);
  expect(lanesOf('contest', SHOW)).toEqual(SHOW);
  expect(modeRefusal('contest', SHOW)).toBeNull();
  expect(modeRefusal('both', SHOW)).toMatchObject({
    code: 'INVALID_MODE',
    message: expect.stringContaining('safe, fixture, contest') as string,
  });
});

test('a room speaks version 2 where a client of version 1 would hear of a lane that it does not know', () => {
  expect([['safe', 'eventual'] as const, ['eventual'] as const, SHOW, THREE].map(versionOf)).toEqual([
    1, 1, 2, 2,
  ]);
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
  const [totals, csv] = [new RoomTotals(), new SeriesCsv()];
  const rows = log.events.map((event) => {
    totals.take(event);
    return csv.take(event);
  });
  const latency = byLane(SHOW, () => ({ n: 0, p50: null, p95: null, p99: null }));
  const money = { realUsd: 0, limitUsd: 0, locked: false };
  const summary = totals.summary({ latency, mostPhones: 3, inFlight: 0, money });
  expect(parseRoomSummary(JSON.stringify(summary))).toEqual(summary);
  expect(idsIn(summary.epochs[0]!.lanes)).toEqual(SHOW);
  expect(ofLane(summary.epochs[0]!.lanes, FIXTURE)).toMatchObject({ acknowledged: 3, losses: 2, returns: 1 });
  expect(idsIn(summary.epochs[0]!.curve.curves)).toEqual(SHOW);
  const card = new Map(roomCard(summary).map((figure) => [figure.key, figure]));
  expect(card.get(FIXTURE)).toMatchObject({ label: 'Fixture lane: sold too many', value: '+1' });
  expect(card.get('lost-fixture')).toMatchObject({ label: 'Overwritten on the fixture lane', value: '1' });
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
  expect([...(epoch?.series.keys() ?? [])]).toEqual(['safe', FIXTURE, 'contest'] satisfies Mode[]);
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

test('a contest is counted, audited and verified lane by lane', () => {
  const { log, d1Orders } = contest();
  const state = stateOf(log);
  expect(tappedLanes(state)).toEqual(THREE);
  expect(lanesIn(state.lanes).map(([lane, of]) => [lane, of.acknowledged, of.stored, of.lostUnits])).toEqual([
    ['safe', 2, 2, 0],
    ['eventual', 3, 2, 1],
    [FIXTURE, 3, 2, 1],
  ]);
  expect(sumsOf(tappedLanes(state), state.lanes)).toEqual({ oversellDelta: 2, lostUnits: 2, inFlight: 0 });
  expect(wrongLines(auditOf(log.events, { state, d1Orders }))).toEqual([]);
  const [eventual, fixture] = d1Orders;
  const swapped = [eventual!, { ...fixture!, rows: fixture!.rows.slice(1) }];
  expect(wrongAt(auditOf(log.events, { state, d1Orders: swapped }), 'd1')).toContain('has no row');
  const lines = exportLines(log.events);
  expect(lines[0]).toContain('"protocolVersion":2');
  expect(firstWrong(verified(lines))).toBe('holds');
});

test('a contest in a show that has none, and a mode of a lane that it lacks, are found', () => {
  const told = (lanes: readonly LaneId[], mode: Mode) => {
    const log = opened(lanes);
    log.tell({ kind: 'mode', body: { mode, by: 'Host' } });
    return wrongAt(auditOf(log.events), 'named');
  };
  expect(told(['safe', 'eventual'], 'contest')).toContain('no contest');
  expect(told(SHOW, 'both')).toContain('the room has no eventual lane');
  expect(told(SHOW, 'contest')).toBeNull();
});

test('a contest is summed up and drawn on one axis, whoever asks for the chart first', () => {
  const { log } = contest();
  const [totals, replay, history] = [new RoomTotals(), new Replay(), new RoomHistory()];
  const drawnBefore = history.series('contest', THREE);
  for (const event of log.events) {
    totals.take(event);
    replay.take(event);
  }
  replay.finish();
  const latency = byLane(THREE, () => ({ n: 0, p50: null, p95: null, p99: null }));
  const money = { realUsd: 0, limitUsd: 0, locked: false };
  const summary = totals.summary({ latency, mostPhones: 3, inFlight: 0, money });
  expect(parseRoomSummary(JSON.stringify(summary))).toEqual(summary);
  expect(idsIn(summary.epochs[0]!.lanes)).toEqual(THREE);
  const card = new Map(roomCard(summary).map((figure) => [figure.key, figure]));
  expect([card.get('eventual')?.value, card.get(FIXTURE)?.value]).toEqual(['+1', '+1']);
  const [epoch] = replay.epochs;
  expect([...(epoch?.series.keys() ?? [])]).toEqual(modesOf(THREE));
  expect(epoch?.series.get('contest')?.lanes).toEqual(THREE);
  expect(chartsOf(epoch!.totals).at(-1)).toBe('contest');
  expect(history.apply(log.events)).toBe('whole');
  expect(history.series('contest', THREE)).toBe(drawnBefore);
  expect(raceSummary(drawnBefore, CAPACITY).split('. ')).toHaveLength(THREE.length);
});

test('the script turns to a lane that the show has, and leaves a contest as it is', () => {
  const lanes = byLane([FIXTURE, 'eventual'], () => null);
  expect(turnTo(1, { mode: FIXTURE, lanes })).toEqual({ step: 1 });
  expect(turnTo(3, { mode: FIXTURE, lanes })).toEqual({ step: 3, mode: 'eventual' });
  expect(turnTo(3, { mode: 'contest', lanes })).toEqual({ step: 3 });
});
