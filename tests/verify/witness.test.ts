/** Witnesses of lost updates, as the verifier's replay makes them: every sentence is held against the log. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RoomHistory } from '#lib/client/history.ts';
import { lostByWitness, lostText } from '#lib/components/race/lost-words.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { Witness } from '#lib/domain/witness.ts';
import { Replay } from '#lib/verify/replay.ts';
import { Scene } from '../client/support/scene.ts';

const witnessText = (witness: Witness) => lostText(lostByWitness(witness));

/** Otter and heron read the untouched stock; both write 1. */
function classicRace(): Scene {
  const scene = new Scene(100, 'eventual');
  scene.race([{ who: 'amber-otter' }, { who: 'blue-heron' }]);
  return scene;
}

/** Those of the scene's epoch, in the order in which they were told. */
function witnessesOf({ events }: Scene): readonly Witness[] {
  const replay = new Replay();
  for (const event of events) replay.take(event);
  replay.finish();
  return replay.epochs.at(-1)?.witnesses ?? [];
}

describe('what a witness says is true', () => {
  function lastSentence(scene: Scene): string {
    return witnessText(witnessesOf(scene).at(-1)!);
  }

  test('two people who read the same version and wrote the same number', () => {
    expect(lastSentence(classicRace())).toBe(
      'amber-otter and blue-heron both read 0. Both wrote 1. amber-otter’s sale vanished.',
    );
  });

  test('two people who read the same version and wrote different numbers', () => {
    const scene = new Scene(100, 'eventual');
    scene.race([{ who: 'amber-otter', units: 2 }, { who: 'blue-heron' }]);
    expect(lastSentence(scene)).toBe(
      'amber-otter and blue-heron both read 0. amber-otter wrote 2, then blue-heron wrote 1 over it. amber-otter’s sale of 2 vanished.',
    );
  });

  test('a write on an older branch claims no shared reading', () => {
    const scene = new Scene(100, 'eventual');
    const old = scene.read();
    scene.eventual({ who: 'jade-crane' });
    scene.eventual({ who: 'amber-otter' });
    scene.eventual({ who: 'blue-heron' }, old);
    const told = Object.fromEntries(witnessesOf(scene).map((w) => [w.lostWho, witnessText(w)]));
    expect(told['amber-otter']).toBe(
      'amber-otter wrote 2. blue-heron had not seen that, and wrote 1 over it. amber-otter’s sale vanished.',
    );
    expect(told['jade-crane']).toBe(
      'jade-crane and blue-heron both read 0. Both wrote 1. jade-crane’s sale vanished.',
    );
  });

  test('one person with two taps is one person', () => {
    const scene = new Scene(100, 'eventual');
    scene.race([{ who: 'amber-otter' }, { who: 'amber-otter' }]);
    expect(lastSentence(scene)).toBe(
      'Two taps of amber-otter both read 0. Both wrote 1. amber-otter’s sale vanished.',
    );
  });

  test('an op that came back is said to have come back', () => {
    const scene = new Scene(100, 'eventual');
    scene.race([{ who: 'amber-otter' }, { who: 'blue-heron' }]);
    // Built on otter's version: otter is back, heron is lost.
    scene.eventual({ who: 'jade-crane' }, { version: 1, allocated: 1 });
    const history = new RoomHistory();
    history.apply(scene.events);
    const otter = witnessesOf(scene).find((w) => w.lostWho === 'amber-otter');
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
        const { writes } = ofLane(scene.facts.lanes, 'eventual').lineage;
        for (const witness of witnessesOf(scene)) {
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
