import { describe, expect, test } from 'vitest';
import { DrillBoard, drillAfter, FRESH_MS } from '#lib/client/drills.ts';
import type { EventListener } from '#lib/client/room-view.ts';
import { ANSWER_WITHIN_MS, SILENCE_MS, SleepDrill } from '#lib/client/sleep-drill.ts';
import { dotsPath, MARKS, recoveryLayout } from '#lib/components/recovery-scale.ts';
import { recoverySummary, returnsOf, seconds } from '#lib/components/recovery-words.ts';
import type { DrillKind, EventDraft, Recovery, RoomEvent } from '#lib/domain/events.ts';
import { SEEN_INTERVAL_MS } from '#lib/protocol/limits.ts';
import { FakeTime } from './support/fake-time.ts';
import { roomState } from './support/fake-room.ts';

/** Longest time for which a room that was spoken to stays in memory, milliseconds. */
const HIBERNATES_MS = 10_000;

/** A pixel is a millisecond of the shortest axis. */
const AREA = { left: 0, top: 0, width: 1_500, height: 640, em: 32 };

const told = (seq: number, draft: EventDraft, epoch = 1): RoomEvent => ({
  ...draft,
  seq,
  epoch,
  atMs: FakeTime.WALL + seq,
  hash: `hash-${seq}`,
});
const drill = (seq: number, kind: DrillKind, sockets = 4, wakes = 3) =>
  told(seq, { kind: 'drill', body: { kind, by: 'presenter', sockets, wakes } });
const recovered = (seq: number, of: number, ...clients: Recovery[]) =>
  told(seq, { kind: 'recovered', body: { drill: of, clients } });
const client = (who: string, ms: number, change: Partial<Recovery> = {}): Recovery => ({
  who,
  waitedMs: 300,
  ms,
  missing: 0,
  ...change,
});
const cost = (seq: number) => told(seq, { kind: 'cost', body: roomState().ledger });
const tap = (seq: number) =>
  told(seq, { kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 1 } } });
const step = (seq: number) => told(seq, { kind: 'step', body: { step: 2, by: 'presenter' } });

describe('the picture of a drill', () => {
  test('is what the clients told: how many are back, how long each was away since the cut, what they missed', () => {
    const begun = drillAfter(null, [drill(11, 'drop')], 4);
    expect(begun).toMatchObject({ kind: 'drop', sockets: 4, back: 0, ms: null, clients: [] });
    const some = drillAfter(begun, [recovered(12, 11, client('a', 40), client('b', 20))], 2);
    const all = drillAfter(some, [recovered(13, 11, client('c', 90, { missing: 2 }))], 3);
    expect(all).toMatchObject({
      back: 3,
      ms: { p50: 340, p95: 390, max: 390 },
      parts: { waitedMs: 300, ms: 40 },
      missing: 2,
      lives: null,
    });
    expect(all?.clients.map(({ who }) => who)).toEqual(['a', 'b', 'c']);
    expect(recoverySummary(all!)).toBe(
      'Drill: 4 connections cut, 3 back. From the cut, measured by 3 clients: 340 ms median (300\u00a0ms until the first retry, ' +
        '40\u00a0ms from there), 390 ms slowest, 2 events missing.',
    );
  });

  test('counts nobody as back by the state that came with the cut itself, and nobody twice', () => {
    const begun = drillAfter(null, [drill(11, 'drop'), cost(12)], 4);
    expect(begun?.back).toBe(0);
    // Two screens of one browser measure once: the room counts both.
    const counted = drillAfter(begun, [recovered(13, 11, client('a', 40))], 2);
    expect(counted?.back).toBe(2);
    expect(drillAfter(counted, [], 1)?.back).toBe(2);
    expect(drillAfter(counted, [], 9)?.back, 'newcomers were not cut').toBe(4);
  });

  test('takes no report of another drill, and a new drill begins with nothing', () => {
    const first = drillAfter(null, [drill(11, 'drop'), recovered(12, 11, client('a', 40))], 1);
    expect(drillAfter(first, [recovered(13, 7, client('b', 9_000))], 1)?.ms?.max).toBe(340);
    expect(drillAfter(first, [drill(14, 'drop')], 4)).toMatchObject({
      seq: 14,
      back: 0,
      clients: [],
      ms: null,
    });
  });

  test('of a sleep names the life that ended and the one that answered, and the connections that were kept', () => {
    const slept = drillAfter(null, [drill(11, 'sleep', 5, 4), recovered(12, 11, client('presenter', 34))], 5);
    expect(slept).toMatchObject({ sockets: 5, back: 5, lives: { before: 3, after: 4 }, ms: { max: 34 } });
    expect(recoverySummary(slept!)).toBe(
      'Drill: the room slept, and woke in 34 ms to life 4. 5 connections survived, 0 events missing.',
    );
  });

  test('takes the nearest rank that was measured, and nothing in between', () => {
    const clients = Array.from({ length: 40 }, (_, place) => client(`c${place}`, place + 1));
    const picture = drillAfter(null, [drill(11, 'drop', 40), recovered(12, 11, ...clients.reverse())], 40);
    expect(picture?.ms).toEqual({ p50: 320, p95: 338, max: 340 });
  });

  test('draws who kept the promise, who took longer and who missed something as three shapes', () => {
    // Half a second of waiting and as long again is more than the promised second, as it was to whoever held the phone.
    const clients = [client('a', 40), client('b', 501, { waitedMs: 500 }), client('c', 30, { missing: 1 })];
    const layout = recoveryLayout('drop', clients, 3, AREA);
    expect(MARKS.map((mark) => dotsPath(layout, mark).split('M').length - 1)).toEqual([1, 1, 1]);
    expect(
      layout.rows.map(({ mark }) => mark),
      'the first that is back on top',
    ).toEqual(['missing', 'kept', 'late']);
  });

  test('draws both parts of a way back to scale, from the cut', () => {
    const layout = recoveryLayout('drop', [client('a', 150, { waitedMs: 450 })], 1, AREA);
    expect([layout.x(0), layout.x(1_500)]).toEqual([0, 1_500]);
    expect(layout.rows[0]).toMatchObject({ retryX: 450, backX: 600 });
    expect(layout.marks).toEqual([0, 500, 1_000, 1_500]);
  });

  test.each([1, 3, 61, 300, 1_000])('has a row for each of %i clients, on the picture and in order', (n) => {
    const clients = Array.from({ length: n }, (_, place) => client(`c${place}`, 900 - (place % 700)));
    const { rows, r } = recoveryLayout('drop', clients, n, AREA);
    expect(rows).toHaveLength(n);
    const ys = rows.map(({ y }) => y);
    expect(Math.min(...ys)).toBeGreaterThan(0);
    expect(Math.max(...ys)).toBeLessThan(AREA.height);
    expect(new Set(ys).size, 'a row of its own').toBe(n);
    expect(rows.map(({ backX }) => backX)).toEqual([...rows.map(({ backX }) => backX)].sort((a, b) => a - b));
    expect(r).toBeGreaterThan(3);
  });

  test('keeps a row for who has not reported yet, so that no row moves when the next one comes', () => {
    const first = recoveryLayout('drop', [client('a', 40)], 40, AREA);
    const second = recoveryLayout('drop', [client('a', 40), client('b', 90)], 40, AREA);
    expect(second.rows[0]).toEqual(first.rows[0]);
  });

  test('counts who was back within the second, later, without a measurement, and not yet', () => {
    const clients = [client('a', 40), client('b', 700), client('c', 701)];
    const view = drillAfter(null, [drill(11, 'drop', 9), recovered(12, 11, ...clients)], 0)!;
    expect(returnsOf({ ...view, back: 5 })).toEqual({ within: 2, late: 1, unmeasured: 2, away: 4 });
    expect(seconds(1_004), 'not within a second').toBe('1.01\u00a0s');
    expect(seconds(1_310)).toBe('1.31\u00a0s');
  });
});

describe('a drill on stage', () => {
  function board() {
    const time = new FakeTime();
    const room = listening();
    const state = roomState({ people: { phones: 2, stages: 2, practice: 0 } });
    const drills = new DrillBoard({ onEvents: room.onEvents, state }, time.later);
    return { time, room, isFresh: () => drills.fresh !== null };
  }

  test('is news until 30 s after the newest report', () => {
    const { time, room, isFresh } = board();
    room.say([drill(11, 'drop')]);
    expect(isFresh()).toBe(true);
    time.pass(FRESH_MS - 1);
    room.say([recovered(12, 11, client('a', 40))]);
    time.pass(FRESH_MS - 1);
    expect(isFresh()).toBe(true);
    time.pass(1);
    expect(isFresh()).toBe(false);
    expect(time.isBusy).toBe(false);
  });

  test('makes way as soon as the presenter goes on to something else', () => {
    const { time, room, isFresh } = board();
    room.say([drill(11, 'drop'), recovered(12, 11, client('a', 40))]);
    room.say([tap(13)]);
    expect(isFresh(), 'a tap is not the presenter').toBe(true);
    room.say([step(14)]);
    expect(isFresh()).toBe(false);
    room.say([recovered(15, 11, client('late', 90))]);
    expect(isFresh(), 'a late report does not bring it back').toBe(false);
    expect(time.isBusy).toBe(false);
  });

  test('shows a sleep only once it was measured: a room that had not slept is no picture', () => {
    const { room, isFresh } = board();
    room.say([drill(11, 'sleep')]);
    expect(isFresh()).toBe(false);
    room.say([recovered(12, 11, client('presenter', 34))]);
    expect(isFresh()).toBe(true);
  });
});

describe('the sleep drill', () => {
  function begin() {
    const time = new FakeTime();
    const room = listening();
    const asked: string[] = [];
    const reported: object[] = [];
    const live = {
      wakes: 3,
      head: 'hash-10' as string | null,
      connection: { kind: 'connected' } as { kind: 'connected' } | { kind: 'reconnecting'; sinceMs: number },
      state: roomState({ people: { phones: 2, stages: 2, practice: 0 } }),
      onEvents: room.onEvents,
      retry: () => void asked.push('retry'),
      acts: { drill: (kind: DrillKind) => asked.push(kind) > 0 && live.connection.kind === 'connected' },
      reportRecovery: (measured: object) => reported.push(measured) > 0,
    };
    const sleep = new SleepDrill(live, time);
    sleep.start();
    /** The room speaks: a welcome or a frame. */
    const say = (events: RoomEvent[], seq = events.at(-1)?.seq ?? 10) => {
      live.head = events.at(-1)?.hash ?? live.head;
      room.say(events, seq);
    };
    return { time, live, asked, reported, say, sleep, phase: () => sleep.phase };
  }
  /** Welcomed, and what its coming cost was told. */
  function silent() {
    const drilling = begin();
    drilling.say([]);
    drilling.time.pass(1_000);
    drilling.say([cost(11)]);
    return drilling;
  }

  test('waits longer than every client’s last word keeps the room awake', () => {
    expect(SILENCE_MS).toBeGreaterThan(SEEN_INTERVAL_MS + HIBERNATES_MS + 1_000);
  });

  test('asks how many lives there were, keeps silent, wakes the room once, and tells what it measured', () => {
    const { time, asked, reported, say, phase } = silent();
    expect(asked).toEqual(['retry']);
    time.pass(SILENCE_MS - 500);
    expect(phase()).toMatchObject({ kind: 'silent', interruption: null });
    expect(asked).toEqual(['retry']);
    time.pass(750);
    expect([asked, phase()]).toEqual([['retry', 'sleep'], { kind: 'waking' }]);
    time.pass(34);
    say([drill(12, 'sleep', 4, 4)]);
    expect(phase()).toEqual({
      kind: 'woke',
      measured: {
        ms: expect.closeTo(34, -3) as number,
        silentMs: expect.closeTo(SILENCE_MS, -3) as number,
        lives: { before: 3, after: 4 },
        connections: { before: 4, after: 4 },
        missing: 0,
        logWentOn: true,
        isSameState: true,
      },
    });
    expect(reported).toHaveLength(1);
    expect(time.isBusy, 'nothing is left running').toBe(false);
  });

  test('measures from asking until the answer, and nothing before', () => {
    const { time, say, phase } = silent();
    const sentAt = passUntil(time, () => phase().kind === 'waking');
    time.pass(57);
    say([drill(12, 'sleep', 4, 4)]);
    const now = phase();
    expect(now.kind === 'woke' && now.measured.ms).toBe(time.clock.monotonic() - sentAt);
  });

  test('begins the silence again, and says so, when somebody taps', () => {
    const { time, asked, say, phase } = silent();
    time.pass(8_000);
    say([tap(12)]);
    expect(phase()).toEqual({ kind: 'silent', leftMs: SILENCE_MS, interruption: 'tap' });
    time.pass(1_000);
    say([cost(13)]);
    time.pass(SILENCE_MS - 1_000);
    expect(asked, 'not before the new silence is over').toEqual(['retry']);
    expect(phase()).toMatchObject({ kind: 'silent', interruption: 'tap' });
    time.pass(1_500);
    expect(asked).toEqual(['retry', 'sleep']);
  });

  test('asks for the lives again when a tap came so late that the room had slept', () => {
    const { time, asked, live, reported, say, phase } = silent();
    time.pass(SILENCE_MS - 1_000);
    say([tap(12)]);
    expect(asked).toEqual(['retry', 'retry']);
    live.wakes = 4;
    say([], 12);
    time.pass(SILENCE_MS + 500);
    say([drill(13, 'sleep', 4, 4)]);
    expect(phase(), 'woken by the tap, not by the drill').toMatchObject({ kind: 'awake', lives: 4 });
    expect(reported).toEqual([]);
  });

  test('says that the room had not slept when it has had no other life, and reports nothing', () => {
    const { time, reported, say, phase } = silent();
    time.pass(SILENCE_MS + 500);
    say([drill(12, 'sleep', 4, 3)]);
    expect(phase()).toMatchObject({ kind: 'awake', lives: 3 });
    expect(reported).toEqual([]);
  });

  test('measures nothing when somebody else spoke first, or this page had to come back meanwhile', () => {
    const tapped = silent();
    tapped.time.pass(SILENCE_MS + 500);
    tapped.say([tap(12), drill(13, 'sleep', 4, 4)]);
    expect(tapped.phase()).toEqual({ kind: 'failed', why: 'disturbed' });
    const cut = silent();
    cut.time.pass(SILENCE_MS + 500);
    cut.live.wakes = 4;
    cut.say([drill(12, 'sleep', 4, 4)]);
    expect(cut.phase()).toEqual({ kind: 'failed', why: 'disturbed' });
    expect([...tapped.reported, ...cut.reported]).toEqual([]);
  });

  test('finds a state that is not the one that fell asleep', () => {
    const { time, live, say, phase } = silent();
    time.pass(SILENCE_MS + 500);
    live.state = roomState({ mode: 'both' });
    say([drill(12, 'sleep', 4, 4)]);
    expect(phase()).toMatchObject({ measured: { isSameState: false, logWentOn: true } });
  });

  test('finds a log that did not go on where it was', () => {
    const { time, live, say, phase } = silent();
    time.pass(SILENCE_MS + 500);
    say([drill(14, 'sleep', 3, 4)]);
    expect(phase()).toMatchObject({
      measured: { logWentOn: false, missing: 2, connections: { before: 4, after: 3 } },
    });
    expect(live.head).toBe('hash-14');
  });

  test('starts no silence while this page is away, and gives up when there is no answer', () => {
    const { time, live, say, phase, sleep } = silent();
    time.pass(5_000);
    live.connection = { kind: 'reconnecting', sinceMs: 0 };
    time.pass(SILENCE_MS);
    expect(phase()).toMatchObject({ kind: 'silent', interruption: 'connection' });
    live.connection = { kind: 'connected' };
    say([], 11);
    time.pass(SILENCE_MS + 500);
    expect(phase()).toEqual({ kind: 'waking' });
    time.pass(ANSWER_WITHIN_MS);
    expect(phase()).toEqual({ kind: 'failed', why: 'noAnswer' });
    live.connection = { kind: 'reconnecting', sinceMs: 0 };
    sleep.start();
    expect(phase()).toEqual({ kind: 'failed', why: 'connection' });
    expect(time.isBusy).toBe(false);
  });

  test('can be called off: then it asks nothing of the room', () => {
    const { time, asked, sleep, phase } = silent();
    time.pass(5_000);
    sleep.cancel();
    time.pass(2 * SILENCE_MS);
    expect([asked, phase(), time.isBusy]).toEqual([['retry'], { kind: 'idle' }, false]);
  });
});

/** Listeners to a room that says what a test lets it say. */
function listening() {
  const listeners = new Set<EventListener>();
  return {
    onEvents: (listener: EventListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say: (events: RoomEvent[], seq = events.at(-1)?.seq ?? 0) => {
      const range = { from: seq - events.length + 1, seq, omitted: 0, recovered: true };
      for (const listener of listeners) listener(events, range);
    },
  };
}

/** Lets time pass in small steps until something is so; the moment at which it was, monotonic milliseconds. */
function passUntil(time: FakeTime, isSo: () => boolean): number {
  for (let steps = 0; !isSo() && steps < 10_000; steps += 1) time.pass(5);
  return time.clock.monotonic();
}
