import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { RoomHistory } from '#lib/client/history.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { CUT_MS, PAUSE_MS } from '#lib/domain/race-series.ts';
import { CELL } from '#lib/client/unit-cells.ts';
import { Scene } from './support/scene.ts';

/** Otter and heron read the untouched stock; both write 1. */
function classicRace(): Scene {
  const scene = new Scene(100, 'eventual');
  scene.race([{ who: 'amber-otter' }, { who: 'blue-heron' }]);
  return scene;
}

describe('hand-over between the log and the frames', () => {
  test('a reloaded stage shows the whole epoch, whatever frames came while the log was on its way', () => {
    const scene = classicRace();
    const log = scene.ndjson;
    for (let i = 0; i < 5; i++) scene.race([{ who: 'a' }, { who: 'b' }]);
    const history = new RoomHistory();
    expect(history.apply(scene.events.slice(-4))).toBe('gap');
    expect(history.load(log)).toBe('gap');
    expect(history.load(scene.ndjson)).toBe('whole');
    expect(history.seq).toBe(scene.facts.seq);
    expect(history.facts.head).toBe(scene.facts.head);
    expect(history.lane('eventual').cells.length).toBe(scene.facts.lanes.eventual?.acknowledged);
  });

  test('every way of cutting, repeating and reordering the stream ends in the same picture', () => {
    const scene = new Scene(20, 'both');
    for (let i = 0; i < 15; i++) {
      scene.atMs += 40;
      scene.safe({ who: `s${i}` });
      scene.race([{ who: `a${i}`, units: 1 + (i % 3) }, { who: `b${i}` }]);
    }
    const straight = new RoomHistory();
    straight.apply(scene.events);
    fc.assert(
      fc.property(
        fc.array(fc.nat(scene.events.length - 1), { maxLength: 60 }),
        fc.boolean(),
        (picks, logFirst) => {
          const history = new RoomHistory();
          if (logFirst) history.load(scene.ndjson);
          for (const pick of picks) history.apply(scene.events.slice(pick, pick + 7));
          history.load(scene.ndjson);
          expect(history.seq).toBe(straight.seq);
          expect(history.series('both')).toEqual(straight.series('both'));
          expect(history.lane('eventual').cells.states).toEqual(straight.lane('eventual').cells.states);
          expect(history.races.around(0, 100)).toEqual(straight.races.around(0, 100));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a log that is older than what is applied takes nothing back', () => {
    const scene = classicRace();
    const old = scene.ndjson;
    scene.race([{ who: 'c' }]);
    const history = new RoomHistory();
    history.apply(scene.events);
    expect(history.load(old)).toBe('whole');
    expect(history.seq).toBe(scene.facts.seq);
  });

  test('a log that was cut short on its way counts as far as it goes, and says that more is missing', () => {
    const scene = classicRace();
    scene.race([{ who: 'c' }, { who: 'd' }]);
    const history = new RoomHistory();
    history.apply(scene.events.slice(-1));
    const whole = scene.ndjson.length;
    expect(history.load(scene.ndjson.slice(0, Math.floor(whole / 2)))).toBe('gap');
    expect(history.load(scene.ndjson)).toBe('whole');
    expect(history.seq).toBe(scene.facts.seq);
  });

  test('a gap is told until it is closed', () => {
    const scene = classicRace();
    const history = new RoomHistory();
    expect(history.apply([scene.events[2]!])).toBe('gap');
    expect(history.apply([scene.events[0]!])).toBe('gap');
    expect(history.apply([scene.events[1]!])).toBe('whole');
    expect(history.seq).toBe(3);
  });
});

describe('the pictures', () => {
  test('cells and curves say the same numbers as the counters', () => {
    const scene = new Scene(10, 'eventual');
    for (let i = 0; i < 12; i++) {
      scene.atMs += 100;
      scene.race([{ who: 'a', units: 2 }, { who: 'b' }, { who: 'c', sim: true }]);
    }
    const history = new RoomHistory();
    history.apply(scene.events);
    const lane = ofLane(scene.facts.lanes, 'eventual');
    const { cells, simUnits } = history.lane('eventual');
    expect(lane.acknowledged).toBeGreaterThan(10);
    expect(cells.length).toBe(lane.acknowledged);
    expect(cells.lost).toBe(lane.acknowledged - lane.stored);
    expect([...cells.states].filter((state) => state === CELL.lost)).toHaveLength(cells.lost);
    expect(simUnits).toBe([...lane.byOp.values()].filter((order) => order.sim).length);
    const curve = ofLane(history.series('eventual').curves, 'eventual');
    expect(curve.acknowledged.at(-1)).toBe(lane.acknowledged);
    expect(curve.stored.at(-1)).toBe(lane.stored);
    expect(history.series('eventual').xs[0]).toBe(0);
  });

  test('time never runs backwards on the axis, also when the clock does', () => {
    const scene = new Scene();
    for (const step of [0, 50, -80, 10, 200]) {
      scene.atMs += step;
      scene.safe({ who: 'a' });
    }
    const history = new RoomHistory();
    history.apply(scene.events);
    const { xs } = history.series('safe');
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
    expect(xs.at(-1)).toBeCloseTo(0.18);
  });

  test('a long pause is cut and marked with its true length', () => {
    const scene = new Scene();
    scene.safe({ who: 'a' });
    scene.atMs += PAUSE_MS * 30;
    scene.safe({ who: 'b' });
    const history = new RoomHistory();
    history.apply(scene.events);
    expect(history.series('safe').cuts).toEqual([{ x: CUT_MS / 2_000, pausedMs: PAUSE_MS * 30 }]);
    expect(history.series('safe').xs.at(-1)).toBe(CUT_MS / 1_000);
  });

  test('a lane that sold alone earlier does not push the other lane’s own chart', () => {
    const scene = new Scene(100, 'both');
    scene.safe({ who: 'a' });
    scene.atMs += 5_000;
    scene.eventual({ who: 'b' });
    const history = new RoomHistory();
    history.apply(scene.events);
    expect(history.series('eventual').xs.at(-1)).toBe(0);
    expect(history.series('both').xs.at(-1)).toBe(5);
  });

  test('a reset clears the pictures and keeps the story', () => {
    const scene = classicRace();
    scene.reset();
    const history = new RoomHistory();
    history.apply(scene.events);
    expect(history.lane('eventual').cells.length).toBe(0);
    expect(history.series('eventual').xs).toHaveLength(0);
    expect(history.turns[0]?.kind).toBe('reset');
  });

  test('thousands oversold are drawn cell by cell, each with its own fate', () => {
    const scene = new Scene(100, 'eventual');
    const reading = scene.read();
    for (let i = 0; i < 3_000; i++) {
      scene.atMs += 7;
      // All of them read an untouched stock, so the counter never fills.
      scene.eventual({ who: 'sim-1', sim: true }, reading);
    }
    const history = new RoomHistory();
    history.load(scene.ndjson);
    const { cells, simUnits } = history.lane('eventual');
    expect([cells.length, cells.lost, simUnits]).toEqual([3_000, 2_999, 3_000]);
  });
});

describe('the crossing', () => {
  /** Everybody reads the untouched stock, so that nobody is stopped. */
  function oversold(capacity: number, buyers: { who: string; units?: number; sim?: boolean }[]): Scene {
    const scene = new Scene(capacity, 'eventual');
    const reading = scene.read();
    for (const buyer of buyers) {
      scene.atMs += 31;
      scene.eventual(buyer, reading);
    }
    return scene;
  }
  const told = (scene: Scene) => {
    const history = new RoomHistory();
    history.apply(scene.events);
    return history.lane('eventual');
  };

  test('is the first unit that does not exist: who got it, who the last that does and when, what the counter said', () => {
    const scene = oversold(2, [{ who: 'a' }, { who: 'lucky-egret' }, { who: 'cheery-rabbit' }, { who: 'd' }]);
    expect(told(scene).crossing).toEqual({
      unit: 3,
      lastUnit: 3,
      who: 'cheery-rabbit',
      sim: false,
      atMs: scene.atMs - 31,
      before: { who: 'lucky-egret', atMs: scene.atMs - 62 },
      read: 0,
      counter: 1,
      live: true,
    });
  });

  test('of an order that took the last unit as well has nobody before it', () => {
    const { crossing } = told(oversold(2, [{ who: 'a' }, { who: 'b', units: 2, sim: true }]));
    expect(crossing).toMatchObject({ unit: 3, lastUnit: 3, who: 'b', sim: true, before: null });
  });

  test('of an order of several units names all of them', () => {
    const { crossing } = told(
      oversold(2, [
        { who: 'a', units: 2 },
        { who: 'b', units: 2 },
      ]),
    );
    expect(crossing).toMatchObject({ unit: 3, lastUnit: 4, before: { who: 'a' } });
  });

  test('is the same whenever it was heard, and news only to who heard of it as it happened', () => {
    const scene = oversold(2, [{ who: 'a' }, { who: 'b' }, { who: 'c' }]);
    const watched = told(scene).crossing;
    const reloaded = new RoomHistory();
    reloaded.load(scene.ndjson);
    expect(reloaded.lane('eventual').crossing).toEqual({ ...watched, live: false });
    const gap = new RoomHistory();
    gap.apply(scene.events.slice(-2));
    gap.load(scene.ndjson);
    expect(gap.lane('eventual').crossing?.live).toBe(false);
    scene.atMs += 60_000;
    scene.safe({ who: 'late' });
    // A screen that was away is told everything at once when it comes back.
    expect(told(scene).crossing?.live).toBe(false);
  });

  test('never comes on a lane that keeps its word, and is forgotten by a reset', () => {
    const safe = new Scene(2);
    for (const who of ['a', 'b', 'c']) safe.safe({ who });
    const history = new RoomHistory();
    history.apply(safe.events);
    expect(history.lane('safe').crossing).toBeNull();
    const scene = oversold(2, [{ who: 'a' }, { who: 'b' }, { who: 'c' }]);
    scene.reset();
    expect(told(scene).crossing).toBeNull();
    expect(told(scene).owed).toEqual({ units: 0, people: 0, sim: 0 });
  });

  test('what is owed counts units beyond the line, and people who hold one: each once', () => {
    const scene = oversold(3, [
      { who: 'a', units: 2 },
      { who: 'b', units: 2 },
      { who: 'a' },
      { who: 'b' },
      { who: 'sim-1', sim: true, units: 3 },
    ]);
    expect(told(scene).owed).toEqual({ units: 6, people: 3, sim: 1 });
    const lane = ofLane(scene.facts.lanes, 'eventual');
    expect(lane.acknowledged - 3).toBe(6);
  });
});

describe('the answers of a lane', () => {
  const answersOf = (history: RoomHistory) => [
    history.lane('safe').answers,
    history.lane('eventual').answers,
  ];

  test('are counted as they come, a “sold out” like a sale, each on its lane', () => {
    const scene = new Scene(2, 'both');
    const history = new RoomHistory();
    history.apply(scene.events);
    for (const who of ['a', 'b', 'c']) scene.safe({ who });
    scene.race([{ who: 'a' }, { who: 'b' }]);
    history.apply(scene.events);
    expect(answersOf(history)).toEqual([3, 2]);
    scene.reset();
    history.apply(scene.events);
    expect(answersOf(history)).toEqual([0, 0]);
  });

  test('that came before the screen did, or while it was away, are none that it saw', () => {
    const scene = new Scene(2, 'both');
    scene.safe({ who: 'a' });
    const reloaded = new RoomHistory();
    reloaded.load(scene.ndjson);
    expect(answersOf(reloaded)).toEqual([0, 0]);
    scene.safe({ who: 'b' });
    scene.safe({ who: 'c' });
    scene.atMs += 60_000;
    scene.safe({ who: 'd' });
    reloaded.apply(scene.events);
    expect(answersOf(reloaded)).toEqual([1, 0]);
  });
});

describe('the level line of a lane that is sold out', () => {
  function soldOut(): Scene {
    const scene = new Scene(2, 'safe');
    scene.safe({ who: 'a' });
    scene.atMs += 2_000;
    scene.safe({ who: 'b' });
    return scene;
  }
  const series = (scene: Scene) => {
    const history = new RoomHistory();
    history.apply(scene.events);
    return history.series('safe');
  };

  test('goes on while people are turned away, and counts each of them at its moment', () => {
    const scene = soldOut();
    for (const who of ['c', 'd']) {
      scene.atMs += 500;
      scene.safe({ who });
    }
    expect(series(scene).xs).toEqual([0, 0, 2, 2.5, 3]);
    expect(series(scene).curves.safe).toEqual({
      acknowledged: [0, 1, 2, 2, 2],
      stored: [0, 1, 2, 2, 2],
      turnedAway: [0, 0, 0, 1, 2],
    });
  });

  test('is at most as long as the climb, however long people go on asking; none of them is left out', () => {
    const scene = soldOut();
    for (let turn = 0; turn < 100; turn++) {
      scene.atMs += 900;
      scene.safe({ who: 'c' });
    }
    expect(series(scene).xs.at(-1)).toBeLessThanOrEqual(4);
    expect(series(scene).curves.safe?.turnedAway.at(-1)).toBe(100);
  });
});
