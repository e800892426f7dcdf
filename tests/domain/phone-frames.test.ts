/** What a phone is sent fits into 20 kB a second, however many engines compete. */
import { expect, it } from 'vitest';
import { byLane } from '#lib/domain/by-lane.ts';
import { ENGINE_OF, ENGINES, isOwn } from '#lib/domain/engines.ts';
import { record } from '#lib/domain/histogram.ts';
import { LANE_IDS, ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { emptyLatency } from '#lib/domain/round-trip.ts';
import { draftsOfWrite } from '#lib/domain/settle.ts';
import { roomState, toldLedger } from '#lib/domain/view.ts';
import { eventsPerSecond, frameMs } from '#lib/room/frames.ts';
import { Log, openedBody } from './support/room-facts.ts';

const MOST_BYTES_A_SECOND = 20_000;
/** What stands in a frame beside events and state. */
const ENVELOPE = `{"t":"frame","epoch":1,"from":10001,"seq":10048,"events":[],"omitted":99,"head":"${'0'.repeat(64)}","now":1800000000000}`;

/** A room in the middle of a contest of these lanes: its state, and its longest event. */
function contest(lanes: readonly LaneId[]) {
  const foreign = lanes.filter((lane) => !isOwn(lane));
  const engines = byLane(foreign, (lane) => ({
    name: ENGINES[ENGINE_OF[lane]],
    label: 'YOUR ENDPOINT' as const,
  }));
  const log = new Log({ ...openedBody(), lanes, ...(foreign.length > 0 ? { engines } : {}) });
  const latency = emptyLatency(lanes);
  for (const lane of lanes) {
    for (let place = 0; place < 30 && lane !== 'safe'; place++) {
      const op = `${String(place).padStart(8, '0')}-0000-4000-8000-000000000000`;
      const who = 'speckled-woodpecker';
      const write = {
        parentVersion: place,
        version: place + 1,
        readAllocated: place,
        wroteAllocated: place + 1,
      };
      const times = { readAtMs: 1_800_000_000_000, wroteAtMs: 1_800_000_000_111 };
      const work = { attempts: 12, roundTrips: 36, retries: { serialization: 10, connection: 1 } };
      const buyer = { op, who, units: 1, sim: false };
      const told = isOwn(lane) ? undefined : work;
      log.tellAll(draftsOfWrite(log.facts, lane, buyer, { op, who, units: 1, ...write }, times, told));
      record(ofLane(latency, lane), 13.7 * (place + 1));
    }
    log.tell({ kind: 'refused', body: { lane, counts: { OUT_OF_STOCK: 12_345, BUSY: 1_234 } } });
  }
  const state = roomState(log.facts, {
    people: { phones: 200, stages: 1, practice: 0 },
    nowMs: 0,
    inFlight: byLane(lanes, () => 64),
    latency,
    ledger: toldLedger(log.facts),
    closesAt: 1_900_000_000_000,
    own: 'REAL ENGINE',
  });
  const events = log.events
    .filter(({ kind }) => kind === 'allocated')
    .map((event) => JSON.stringify(event).length);
  return { state: JSON.stringify(state).length + ENVELOPE.length, event: Math.max(...events, 0) };
}

it.each(LANE_IDS.map((_, place) => place + 1).slice(2))('in a show of %i lanes', (count) => {
  const { state, event } = contest(LANE_IDS.slice(0, count));
  const bytes = (1_000 / frameMs('participant', 200, false, count)) * state + eventsPerSecond(count) * event;
  expect(Math.round(bytes)).toBeLessThanOrEqual(MOST_BYTES_A_SECOND);
});

it('and of the pair as often as ever', () => {
  expect([1, 2].map((lanes) => frameMs('participant', 200, false, lanes))).toEqual([100, 100]);
  expect([1, 2].map(eventsPerSecond)).toEqual([30, 30]);
  expect(frameMs('presenter', 1, false, 12)).toBe(50);
});
