/** What a log tells of engines, of their distance, and of what ops took on them: added up, shown, and held against forgers. */
import { describe, expect, it } from 'vitest';
import { byLane } from '#lib/domain/by-lane.ts';
import type { EventBodies, RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { newestVersion } from '#lib/domain/lineage.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { emptyLatency } from '#lib/domain/round-trip.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import { roomState, toldLedger } from '#lib/domain/view.ts';
import type { Work } from '#lib/domain/work.ts';
import { roomCard } from '#lib/summary/card.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import { SeriesCsv } from '#lib/summary/series-csv.ts';
import { parseRoomSummary } from '#lib/summary/show-summary.ts';
import { exportLines } from '../verify/support/export.ts';
import { firstWrong, verified } from '../verify/support/verified.ts';
import { auditOf, rechain, wrongAt, wrongLines } from './support/audits.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from './support/room-facts.ts';

const LOCKED = 'postgres-for-update';
const BLIND = 'postgres-blind';
const AWS = 'dynamodb-conditional';
const LANES: readonly LaneId[] = ['safe', 'eventual', BLIND, LOCKED, AWS];
const ENGINES = {
  [BLIND]: { name: 'PostgreSQL', label: 'REAL ENGINE' },
  [LOCKED]: { name: 'PostgreSQL', label: 'REAL ENGINE' },
  [AWS]: { name: 'DynamoDB', label: 'YOUR ENDPOINT' },
} satisfies EventBodies['opened']['engines'];

/** A room of every kind of lane. Its threshold is out of reach: money is not what is looked at. */
function opened(): Log {
  const config = { ...DEFAULT_CONFIG, virtualCostThreshold: 1_000_000 };
  const log = new Log({ ...openedBody({ ...SKU, capacity: 4 }, config), lanes: LANES, engines: ENGINES });
  log.tell({ kind: 'mode', body: { mode: 'contest', by: 'Host' } });
  return log;
}

let ops = 0;

/** Sells a unit by a write that read the newest version, or the one before it. */
function sell(log: Log, lane: LaneId, work?: Work, behind = 0): void {
  ops += 1;
  const op = `${String(ops).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const buyer = { op, who: `buyer ${ops}`, units: 1, sim: false };
  const { lineage } = ofLane(log.facts.lanes, lane);
  const parentVersion = newestVersion(lineage) - behind;
  const readAllocated = lineage.writes[parentVersion - 1]?.wroteAllocated ?? 0;
  const write = { parentVersion, version: newestVersion(lineage) + 1, readAllocated };
  const times = { readAtMs: 1_000, wroteAtMs: 1_100 };
  const { sim: _sim, ...who } = buyer;
  const row = { ...who, ...write, wroteAllocated: readAllocated + 1 };
  log.tellAtOnce(...draftsOfWrite(log.facts, lane, buyer, row, times, work));
}

/** A contest: three sales with their work and one without on the locked lane, which is set away in between. */
function contest(): Log {
  const log = opened();
  sell(log, LOCKED, { attempts: 1, roundTrips: 4 });
  log.tell({ kind: 'distance', body: { lane: LOCKED, ms: 80, by: 'Host' } });
  sell(log, LOCKED, { attempts: 4, roundTrips: 16, retries: { serialization: 2, connection: 1 } });
  sell(log, LOCKED);
  sell(log, LOCKED, { attempts: 2, roundTrips: 8, retries: { connection: 1 } });
  sell(log, BLIND, { attempts: 1, roundTrips: 2 });
  sell(log, BLIND, { attempts: 1, roundTrips: 2 }, 1);
  sell(log, AWS, { attempts: 1, roundTrips: 1 });
  sell(log, 'eventual');
  log.tellAll(draftsOfGrant(log.facts, 'safe', { op: OP, who: 'x', units: 1, sim: false }));
  return log;
}
const OP = 'aaaaaaaa-0000-4000-8000-000000000000';

function stateOf({ facts }: Log): RoomState {
  return roomState(facts, {
    people: { phones: 0, stages: 0 },
    nowMs: 0,
    inFlight: byLane(LANES, () => 0),
    latency: emptyLatency(LANES),
    ledger: toldLedger(facts),
    closesAt: 1_900_000_000_000,
    own: 'REAL ENGINE',
  });
}

describe('a lane on an engine', () => {
  it('has the attempts, the retries by cause and the median round trips of the ops that told them', () => {
    const { lanes } = stateOf(contest());
    const retries = { serialization: 2, connection: 2 };
    const work = { ops: 4, worked: 3, attempts: 7, retries, roundTrips: 8 };
    expect(lanes[LOCKED]).toMatchObject(work);
    expect(lanes[BLIND]).toMatchObject({ worked: 2, attempts: 2, retries: {}, roundTrips: 2 });
    for (const lane of ['safe', 'eventual'] as const) expect(lanes[lane]).not.toHaveProperty('attempts');
  });

  it('says on every screen what answers for its engine, and how far away it is', () => {
    const { lanes } = stateOf(contest());
    expect(LANES.map((lane) => ofLane(lanes, lane).engine)).toEqual([
      { name: 'Durable Objects', label: 'REAL ENGINE', distanceMs: 0 },
      { name: 'D1', label: 'REAL ENGINE', distanceMs: 0 },
      { name: 'PostgreSQL', label: 'REAL ENGINE', distanceMs: 0 },
      { name: 'PostgreSQL', label: 'REAL ENGINE', distanceMs: 80 },
      { name: 'DynamoDB', label: 'YOUR ENDPOINT', distanceMs: 0 },
    ]);
  });

  it('stays as far away over a reset, and begins its figures again', () => {
    const log = contest();
    log.tell({ kind: 'reset', body: { by: 'Host', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 } });
    const lane = stateOf(log).lanes[LOCKED];
    expect(lane?.engine.distanceMs).toBe(80);
    expect(lane).not.toHaveProperty('attempts');
    expect(wrongLines(auditOf(log.events, { state: stateOf(log) }))).toEqual([]);
  });

  it('is recounted by the audit and by the verifier, which share no counting with the room', () => {
    const log = contest();
    const state = stateOf(log);
    expect(wrongLines(auditOf(log.events, { state }))).toEqual([]);
    expect(firstWrong(verified(exportLines(log.events)))).toBe('holds');
    const shown = (change: object) =>
      auditOf(log.events, {
        state: { ...state, lanes: { ...state.lanes, [LOCKED]: { ...state.lanes[LOCKED]!, ...change } } },
      });
    expect(wrongAt(shown({ attempts: 6 }), 'work')).toContain('attempts: shown 6, recounted 7');
    expect(wrongAt(shown({ roundTrips: 4 }), 'work')).toContain('round trips: shown 4, recounted 8');
    expect(wrongAt(shown({ worked: 4 }), 'work')).toContain('ops that told: shown 4, recounted 3');
    expect(wrongAt(shown({ retries: { lock: 4 } }), 'work')).toContain('retries (serialization): shown 0');
    const engine = { name: 'PostgreSQL', label: 'REAL ENGINE', distanceMs: 0 };
    expect(wrongAt(shown({ engine }), 'state')).toContain('0 ms away, in the log PostgreSQL');
    expect(wrongAt(shown({ engine: { ...engine, label: 'EMULATOR' } }), 'state')).toContain('EMULATOR');
  });

  it('stands in summary and table with its work, its engine and its distances', () => {
    const log = contest();
    const [totals, csv] = [new RoomTotals(), new SeriesCsv()];
    const rows = log.events.map((event) => {
      totals.take(event);
      return csv.take(event);
    });
    const latency = byLane(LANES, () => ({ n: 0, p50: null, p95: null, p99: null }));
    const money = { realUsd: 0, limitUsd: 0, locked: false };
    const summary = totals.summary({ latency, mostPhones: 3, inFlight: 0, money });
    expect(parseRoomSummary(JSON.stringify(summary))).toEqual(summary);
    expect(summary.engines).toEqual(ENGINES);
    const { lanes } = summary.epochs[0]!;
    expect(lanes[LOCKED]).toMatchObject({ work: { worked: 3, attempts: 7 }, distancesMs: [0, 80] });
    expect(lanes[BLIND]).not.toHaveProperty('distancesMs');
    expect(lanes.eventual).not.toHaveProperty('work');
    expect(rows.join('')).toContain(',PostgreSQL,REAL ENGINE,80,4,3,16\r\n');
    expect(rows.join('')).toContain(',D1,REAL ENGINE,0,,,\r\n');
    const card = new Map(roomCard(summary).map((figure) => [figure.key, figure]));
    expect(card.get(`work-${LOCKED}`)).toMatchObject({
      value: '2.3',
      note:
        '7 attempts over 3 sales. Tried again: 2 × another transaction was first, 2 × the connection failed. ' +
        'PostgreSQL: REAL ENGINE, EMULATED +80 ms.',
    });
    expect([card.has('work-safe'), card.has('work-eventual')]).toEqual([false, false]);
  });
});

/** A careful lane with a lineage is held to more than a careless one: its versions follow one another. */
describe('a careful lane with a lineage', () => {
  it('may write over nothing that it has not read', () => {
    const log = opened();
    sell(log, LOCKED);
    sell(log, LOCKED, undefined, 1);
    const audit = auditOf(log.events);
    expect(wrongAt(audit, 'safeStored')).toContain('unread');
    expect(wrongAt(audit, 'fates')).toBeNull();
  });

  it('may not sell more than exist', () => {
    const log = opened();
    for (let unit = 0; unit < 5; unit++) sell(log, LOCKED);
    expect(wrongAt(auditOf(log.events), 'safeCapacity')).toContain('5 of 4');
    const other = opened();
    for (let unit = 0; unit < 4; unit++) sell(other, LOCKED);
    expect(wrongLines(auditOf(other.events))).toEqual([]);
  });
});

type Forgery = (events: RoomEvent[]) => void;
/** Changes the body of the first event of a kind. */
const change =
  <K extends 'opened' | 'allocated' | 'distance'>(kind: K, by: object, lane?: LaneId): Forgery =>
  (events) => {
    const event = events.find(
      (each) => each.kind === kind && (!lane || Object.values(each.body).includes(lane)),
    );
    Object.assign(event!.body, by);
  };
/** Tells one more event at the end. */
const tell =
  (kind: 'distance', body: object): Forgery =>
  (events) =>
    void events.push({ ...events.at(-1)!, kind, body } as RoomEvent);
const label = (of: string) => ({ engines: { ...ENGINES, [LOCKED]: { name: 'PostgreSQL', label: of } } });
const away = (lane: string, ms: number) => tell('distance', { lane, ms, by: 'Host' });

const FORGERIES: [what: string, forge: Forgery, key: 'form' | 'follows' | 'named', found: string][] = [
  ['fewer attempts than one', change('allocated', { attempts: 0 }, LOCKED), 'form', 'line'],
  ['negative attempts', change('allocated', { attempts: -1 }, LOCKED), 'form', 'line'],
  ['half an attempt', change('allocated', { attempts: 1.5 }, LOCKED), 'form', 'line'],
  ['attempts without their trips', change('allocated', { roundTrips: undefined }, LOCKED), 'form', 'line'],
  [
    'a retry of an unknown cause',
    change('allocated', { attempts: 2, retries: { luck: 1 } }, LOCKED),
    'form',
    '',
  ],
  ['as many retries as attempts', change('allocated', { retries: { lock: 1 } }, LOCKED), 'form', 'line'],
  ['retries that are none', change('allocated', { retries: {} }, LOCKED), 'form', 'line'],
  [
    'work on the platform itself',
    change('allocated', { attempts: 1, roundTrips: 1 }, 'safe'),
    'follows',
    'safe',
  ],
  ['a label that there is not', change('opened', label('FASTEST ENGINE')), 'form', 'line'],
  [
    'an engine that there is not',
    change('opened', { engines: { [LOCKED]: { name: 'X', label: 'EMULATOR' } } }),
    'form',
    '',
  ],
  [
    'the engine of another lane',
    change('opened', { engines: { ...ENGINES, [LOCKED]: { name: 'Redis', label: 'EMULATOR' } } }),
    'follows',
    'on Redis, and it is on PostgreSQL',
  ],
  [
    'an engine for the platform’s own lane',
    change('opened', { engines: { ...ENGINES, eventual: { name: 'D1', label: 'EMULATOR' } } }),
    'follows',
    'not the platform',
  ],
  [
    'an engine of a lane that the room has not',
    change('opened', { engines: { ...ENGINES, 'redis-lock': { name: 'Redis', label: 'EMULATOR' } } }),
    'named',
    'no redis-lock lane',
  ],
  ['the distance of a lane that is not there', away('redis-lock', 20), 'named', 'no redis-lock lane'],
  ['a distance of the platform itself', away('eventual', 20), 'follows', 'cannot be set away'],
  ['a distance of somebody’s endpoint', away(AWS, 20), 'follows', 'cannot be set away'],
  ['a distance that there is not', away(LOCKED, 30), 'form', 'line'],
  ['a distance that was so before', away(LOCKED, 80), 'follows', 'was 80 ms away before'],
];

describe('a forged log is found out that tells', () => {
  it.each(FORGERIES)('%s', (_what, forge, key, found) => {
    const events = structuredClone(contest().events);
    forge(events);
    const forged = rechain(events.map((event) => JSON.parse(JSON.stringify(event)) as RoomEvent));
    expect(wrongAt(auditOf(forged), key)).toContain(found);
    expect(firstWrong(verified(exportLines(forged)))).not.toBe('holds');
  });
});
