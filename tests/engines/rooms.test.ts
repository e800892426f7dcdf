/**
 * Rooms that sell in engines: they keep what every room promises, on every lane, and all lanes of a contest come out of it with what
 * their statements promise. What the log tells is what stands in each engine.
 */
import { describe, expect, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { eachLaneScenarios } from '../conformance/lanes.ts';
import { exportLog } from '../server/support/log.ts';
import { object } from '../server/support/object-host.ts';
import { TestShow } from '../server/support/show.ts';
import { isBlind, LANES_HERE, objectOf } from './support/connected.ts';

const CONTEST: readonly LaneId[] = [...PAIR, ...LANES_HERE];
const CAPACITY = 20;
const BUYERS = 60;

eachLaneScenarios(object, LANES_HERE);

/** Holds the allocations that the log tells of each lane against the rows of its engine, of all epochs. */
async function expectRowsAsLogged({ site, presenter }: TestShow): Promise<void> {
  const { events } = await exportLog(site, presenter.token);
  for (const lane of LANES_HERE) {
    const logged = events.flatMap(({ kind, epoch, body }) => {
      if (kind !== 'allocated' || body.lane !== lane) return [];
      const { op, who, units, parentVersion, version, readAllocated, wroteAllocated } = body;
      return [{ op, epoch, who, units, parentVersion, version, readAllocated, wroteAllocated }];
    });
    const { rows } = await objectOf(lane).rowsBehind({ show: presenter.show, sku: 'ticket' }, '');
    const byOp = (a: { op: string }, b: { op: string }) => (a.op < b.op ? -1 : 1);
    expect(rows.filter(({ version }) => version > 0).sort(byOp), lane).toEqual(logged.sort(byOp));
  }
}

describe.skipIf(LANES_HERE.length === 0)('a contest of every lane', () => {
  // A lock's holder pauses for so long, and everybody else waits for it.
  const window = { RACE_WINDOW_MS: '20' };
  const open = (capacity = CAPACITY) => TestShow.open({ capacity }, 'contest', window, CONTEST);

  it('ends exact on each careful lane, oversold and miscounted on each careless one, and every figure is recounted', async () => {
    const show = await open();
    const { lanes = {} } = await show.rush(BUYERS);
    await show.settled();
    for (const lane of LANES_HERE) {
      const counters = ofLane(show.stage.state!.lanes, lane);
      const { acknowledged, stored, oversellDelta, lostUnits } = counters;
      expect([lane, acknowledged, acknowledged - stored]).toEqual([lane, lanes[lane]?.allocated, lostUnits]);
      if (isBlind(lane)) expect([lane, oversellDelta > 0, lostUnits > 0]).toEqual([lane, true, true]);
      else expect([lane, acknowledged, oversellDelta, lostUnits]).toEqual([lane, CAPACITY, 0, 0]);
    }
    expect(await show.failedChecks()).toEqual([]);
    await expectRowsAsLogged(show);
  });

  it('is settled by the engines’ rows when the room dies in the middle of it', async () => {
    const show = await open(1_000);
    const phones = await show.phones(8);
    const taps = phones.map((phone) => phone.buy().catch(() => null));
    await show.stage.until(() => (show.stage.state?.lanes.safe?.ops ?? 0) > 0);
    await show.die();
    await Promise.race([Promise.all(taps), scheduler.wait(500)]);
    const phone = await show.phone();
    await phone.until(() => Object.values(phone.state?.lanes ?? {}).every(({ inFlight }) => inFlight === 0));
    const sold = phone.state?.lanes.safe?.ops ?? 0;
    for (const lane of LANES_HERE) expect([lane, phone.state?.lanes[lane]?.ops]).toEqual([lane, sold]);
    expect(await show.failedChecks()).toEqual([]);
    await expectRowsAsLogged(show);
  });

  it('begins again at nothing after a reset that came while everybody was buying', async () => {
    const show = await open(1_000);
    const rush = show.rush(30);
    await show.stage.until(() => (show.stage.state?.lanes.safe?.ops ?? 0) > 0);
    await show.reset();
    await rush;
    await show.settled();
    expect(await (await show.phone()).buy()).toMatchObject({
      lanes: Object.fromEntries(CONTEST.map((lane) => [lane, { status: 'allocated' }])),
    });
    await show.settled(() => CONTEST.every((lane) => show.stage.state?.lanes[lane]?.stored === 1));
    expect(await show.failedChecks()).toEqual([]);
    await expectRowsAsLogged(show);
  });
});
