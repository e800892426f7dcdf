import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { RoomHistory } from '#lib/client/history.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { CUT_MS, PAUSE_MS } from '#lib/domain/race-series.ts';
import { CELL } from '#lib/client/unit-cells.ts';
import { witnessText } from '#lib/components/witness-sentence.ts';
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
          expect(history.witnesses).toEqual(straight.witnesses);
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
    expect(history.witnesses).toHaveLength(0);
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

describe('what a witness says is true', () => {
  function lastSentence(scene: Scene): string {
    const history = new RoomHistory();
    history.apply(scene.events);
    return witnessText(history.witnesses[0]!);
  }

  test('two people who read the same version and wrote the same number', () => {
    expect(lastSentence(classicRace())).toBe(
      'amber-otter and blue-heron both read 0. Both wrote 1. blue-heron’s write erased amber-otter’s unit.',
    );
  });

  test('two people who read the same version and wrote different numbers', () => {
    const scene = new Scene(100, 'eventual');
    scene.race([{ who: 'amber-otter', units: 2 }, { who: 'blue-heron' }]);
    expect(lastSentence(scene)).toBe(
      'amber-otter and blue-heron both read 0. amber-otter wrote 2, then blue-heron wrote 1. blue-heron’s write erased amber-otter’s 2 units.',
    );
  });

  test('a write on an older branch claims no shared reading', () => {
    const scene = new Scene(100, 'eventual');
    const old = scene.read();
    scene.eventual({ who: 'jade-crane' });
    scene.eventual({ who: 'amber-otter' });
    scene.eventual({ who: 'blue-heron' }, old);
    const history = new RoomHistory();
    history.apply(scene.events);
    const told = Object.fromEntries(history.witnesses.map((w) => [w.lostWho, witnessText(w)]));
    expect(told['amber-otter']).toBe(
      'blue-heron’s write was built on version 0; it erased amber-otter’s unit: the counter went from 2 to 1.',
    );
    expect(told['jade-crane']).toBe(
      'jade-crane and blue-heron both read 0. Both wrote 1. blue-heron’s write erased jade-crane’s unit.',
    );
  });

  test('a counter that did not move is not said to have moved', () => {
    const scene = new Scene(100, 'eventual');
    const old = scene.read();
    scene.eventual({ who: 'jade-crane' });
    scene.eventual({ who: 'amber-otter' });
    scene.eventual({ who: 'blue-heron', units: 2 }, old);
    const history = new RoomHistory();
    history.apply(scene.events);
    const told = history.witnesses.find((w) => w.lostWho === 'amber-otter');
    expect(witnessText(told!)).toContain('the counter stayed at 2');
  });

  test('one person with two taps is one person', () => {
    const scene = new Scene(100, 'eventual');
    scene.race([{ who: 'amber-otter' }, { who: 'amber-otter' }]);
    expect(lastSentence(scene)).toBe(
      'Two taps of amber-otter both read 0. Both wrote 1. The later write erased the earlier unit.',
    );
  });

  test('an op that came back is said to have come back', () => {
    const scene = new Scene(100, 'eventual');
    scene.race([{ who: 'amber-otter' }, { who: 'blue-heron' }]);
    // Built on otter's version: otter is back, heron is lost.
    scene.eventual({ who: 'jade-crane' }, { version: 1, allocated: 1 });
    const history = new RoomHistory();
    history.apply(scene.events);
    const otter = history.witnesses.find((w) => w.lostWho === 'amber-otter');
    expect(witnessText(otter!)).toMatch(/A later write brought it back\.$/);
    expect(history.lane('eventual').cells.lost).toBe(1);
  });

  test('every sentence agrees with the log over random races', () => {
    const seed = 20261122;
    const buy = fc.record({
      who: fc.constantFrom('a', 'b', 'c', 'd'),
      age: fc.nat(4),
      units: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(buy, { minLength: 2, maxLength: 40 }), (buys) => {
        const scene = new Scene(50, 'eventual');
        const readings = [scene.read()];
        for (const { who, age, units } of buys) {
          scene.eventual({ who, units }, readings.at(-1 - Math.min(age, readings.length - 1)));
          readings.push(scene.read());
        }
        const history = new RoomHistory();
        history.apply(scene.events);
        const { writes } = ofLane(scene.facts.lanes, 'eventual').lineage;
        for (const witness of history.witnesses) {
          const erased = writes.find((write) => write.op === witness.op)!;
          const event = scene.events[witness.seq - 1]!;
          if (event.kind !== 'lost') throw new Error('a witness stands for a lost event');
          const eraser = writes[event.body.version - 1]!;
          expect(eraser.wroteAllocated).toBe(witness.byWrote);
          expect(eraser.parentVersion).toBe(witness.byReadVersion);
          const shared = erased.parentVersion === eraser.parentVersion;
          expect(witness.bothRead).toBe(shared ? eraser.readAllocated : null);
          const order = ofLane(scene.facts.lanes, 'eventual').byOp.get(witness.op)!;
          if (witness.restored)
            expect(scene.events.some((e) => e.kind === 'restored' && e.body.op === order.op)).toBe(true);
        }
      }),
      { seed, numRuns: 200 },
    );
  });
});
