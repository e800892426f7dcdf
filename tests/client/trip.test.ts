/** The guardrail's trip: what the log tells of it, its moment on a stage, and the two presses of its key. */
import { describe, expect, test } from 'vitest';
import { RoomHistory } from '#lib/client/history.ts';
import type { EventListener } from '#lib/client/room-view.ts';
import { BOUNCE_MS, SECOND_WITHIN_MS, SecondPress } from '#lib/client/second-press.ts';
import { MOMENT_MS, TripWatch } from '#lib/client/trip-watch.ts';
import type { GuardrailCause, RoomEvent } from '#lib/domain/events.ts';
import { FakeTime } from './support/fake-time.ts';
import { roomState } from './support/fake-room.ts';
import { Scene } from './support/scene.ts';

const PRICE = 150;

/** A room of two units whose guardrail trips at `virtualCostThreshold`. */
const sceneAt = (virtualCostThreshold: number) => new Scene(2, 'eventual', { virtualCostThreshold });

function trips(scene: Scene, virtualUsd: number, by: GuardrailCause = 'threshold') {
  scene.tell({ kind: 'guardrail', body: { state: 'tripped', by, virtualUsd } });
}
function costs(scene: Scene, exposureUsd: number, tapsUsd: number) {
  const virtualUsd = exposureUsd + tapsUsd;
  scene.tell({ kind: 'cost', body: { ...roomState().ledger, exposureUsd, virtualUsd } });
}
function historyOf(scene: Scene): RoomHistory {
  const history = new RoomHistory();
  history.load(scene.ndjson);
  return history;
}

describe('what was sold since the guardrail tripped', () => {
  test('is nothing before the first trip, and then every unit of every lane', () => {
    const scene = sceneAt(100);
    scene.eventual({ who: 'a' });
    expect(historyOf(scene).soldSinceTrip).toBeNull();
    trips(scene, 5, 'presenter');
    expect(historyOf(scene).soldSinceTrip).toBe(0);
    scene.race([{ who: 'b', units: 1 }, { who: 'c' }]);
    scene.safe({ who: 'd', units: 2 });
    expect(historyOf(scene).soldSinceTrip).toBe(4);
  });

  test('is counted from the newest trip, and ends with its epoch', () => {
    const scene = sceneAt(100);
    trips(scene, 5, 'presenter');
    scene.safe({ who: 'a' });
    scene.tell({ kind: 'guardrail', body: { state: 'cleared', by: 'presenter', virtualUsd: 5 } });
    expect(historyOf(scene).soldSinceTrip, 'a clear takes nothing back').toBe(1);
    trips(scene, 6, 'presenter');
    scene.safe({ who: 'b' });
    expect(historyOf(scene).soldSinceTrip).toBe(1);
    scene.reset();
    scene.safe({ who: 'c' });
    const history = historyOf(scene);
    expect([history.soldSinceTrip, history.trip]).toEqual([null, null]);
  });
});

describe('the sale that crossed the threshold', () => {
  /** Four people read the untouched stock and buy: the third and the fourth sale are beyond what exists. */
  function oversold(threshold: number, toldTapsUsd: number): Scene {
    const scene = sceneAt(threshold);
    costs(scene, 0, toldTapsUsd);
    scene.race(['a', 'b', 'c', 'd'].map((who) => ({ who })));
    return scene;
  }

  test('is the one whose debt alone made the difference, whatever taps cost meanwhile', () => {
    const scene = oversold(100, 2);
    trips(scene, 2 * PRICE + 6);
    expect(historyOf(scene).trip).toMatchObject({
      by: 'threshold',
      sale: { lane: 'eventual', unit: 3, who: 'c', sim: false },
    });
    const later = oversold(PRICE + 20, 2);
    trips(later, 2 * PRICE + 6);
    expect(historyOf(later).trip?.sale).toMatchObject({ unit: 4, who: 'd' });
  });

  test('is not named where taps may have crossed it: before the debt, or after it', () => {
    const before = oversold(8, 2);
    trips(before, 2 * PRICE + 9);
    expect(historyOf(before).trip?.sale, '9 of taps may have been there before the third sale').toBeNull();
    const after = oversold(PRICE + 5, 2);
    trips(after, PRICE + 6 + PRICE);
    expect(historyOf(after).trip?.sale, 'the third sale and 6 of taps, or the fourth').toBeNull();
  });

  test('is not named of a trip by hand, nor from sales that were told before the newest cost', () => {
    const byHand = oversold(1_000, 2);
    trips(byHand, 2 * PRICE + 6, 'presenter');
    expect(historyOf(byHand).trip).toMatchObject({ by: 'presenter', sale: null });
    const told = oversold(310, 2);
    costs(told, 2 * PRICE, 6);
    trips(told, 2 * PRICE + 11);
    expect(historyOf(told).trip?.sale, 'taps crossed it').toBeNull();
  });
});

describe('the moment of a trip', () => {
  function watched(busyMs = 0) {
    const time = new FakeTime();
    let hear: EventListener = () => {};
    const room = {
      clockOffsetMs: FakeTime.WALL,
      onEvents: (listener: EventListener) => {
        hear = listener;
        return () => (hear = () => {});
      },
    };
    const watch = new TripWatch(room, () => busyMs, time);
    const say = (state: 'tripped' | 'cleared', atMs = FakeTime.WALL + time.clock.monotonic()) => {
      const body = { state, by: 'threshold' as const, virtualUsd: 120 };
      const events: RoomEvent[] = [{ kind: 'guardrail', body, seq: 11, epoch: 1, atMs, hash: '' }];
      hear(events, { from: 11, seq: 11, omitted: 0, recovered: true });
    };
    return { time, watch, say };
  }

  test('lasts two seconds for who watches it live', () => {
    const { time, watch, say } = watched();
    expect(watch.current).toBeNull();
    time.pass(40_000);
    say('tripped');
    time.pass(1);
    expect(watch.current).toEqual({ seq: 11, by: 'threshold', virtualUsd: 120 });
    time.pass(MOMENT_MS - 2);
    expect(watch.current).not.toBeNull();
    time.pass(2);
    expect([watch.current, time.isBusy]).toEqual([null, false]);
  });

  test('is none when the trip is old by the time this page hears of it', () => {
    const { time, watch, say } = watched();
    time.pass(40_000);
    say('tripped', FakeTime.WALL + 30_000);
    time.pass(1);
    expect(watch.current).toBeNull();
  });

  test('waits until the stage is free, and ends when the guardrail is cleared', () => {
    const { time, watch, say } = watched(1_000);
    say('tripped');
    time.pass(999);
    expect(watch.current).toBeNull();
    time.pass(2);
    expect(watch.current).not.toBeNull();
    say('cleared');
    expect([watch.current, time.isBusy]).toEqual([null, false]);
  });
});

describe('a key of two presses', () => {
  function key() {
    const time = new FakeTime();
    return { time, key: new SecondPress<'trip' | 'clear'>(time) };
  }

  test('does nothing when it is pressed once, and says for a while what a second press will do', () => {
    const { time, key: one } = key();
    expect(one.press('trip')).toBe(false);
    expect(one.armed).toBe('trip');
    time.pass(SECOND_WITHIN_MS);
    expect([one.armed, time.isBusy]).toEqual([null, false]);
    expect(one.press('trip'), 'too late for a second press: a first one again').toBe(false);
  });

  test('does it by the second press, also a quick one, and not by one press that bounced', () => {
    const { time, key: twice } = key();
    twice.press('trip');
    time.pass(BOUNCE_MS - 1);
    expect(twice.press('trip')).toBe(false);
    time.pass(1);
    expect(twice.press('trip')).toBe(true);
    expect([twice.armed, time.isBusy]).toEqual([null, false]);
  });

  test('does not what it has not said: something else by now is a first press again', () => {
    const { time, key: changed } = key();
    changed.press('trip');
    time.pass(1_000);
    expect(changed.press('clear')).toBe(false);
    expect(changed.armed).toBe('clear');
    time.pass(1_000);
    expect(changed.press('clear')).toBe(true);
  });
});
