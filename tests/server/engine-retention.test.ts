/** What an engine of its own keeps of a room goes when the room goes; an engine that does not answer keeps no show. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import { endShow, wakeUp } from '#server/room/ending.ts';
import { inRoom } from './support/inner-room.ts';

/** A lane that only forgets; how often it was asked, and whether it can. */
class Forgetting {
  asked: { show: string; sku: string }[] = [];
  answers = true;
  readonly lane: StoredLane = {
    id: 'postgres-conditional',
    carryOut: () => Promise.resolve({ outcome: { kind: 'unknown' }, spent: {} }),
    open: () => Promise.resolve({}),
    fence: () => Promise.resolve({}),
    writesAfter: () => Promise.resolve({ writes: [], spent: {} }),
    rowsBehind: () => Promise.resolve({ rows: [], isLast: true, spent: {} }),
    counter: () => Promise.resolve({ inventory: null, spent: {} }),
    forget: (room) => {
      this.asked.push(room);
      return this.answers ? Promise.resolve() : Promise.reject(new Error('the engine is away'));
    },
  };
}

/** A room that has ended, and its clock and storage. */
function ended(
  work: (at: { wakeAfter: (ms: number) => Promise<boolean>; engine: Forgetting }) => Promise<void>,
) {
  const engine = new Forgetting();
  const beganMs = Date.now();
  let nowMs = beganMs;
  return inRoom({ mode: 'safe', more: [engine.lane], now: () => nowMs }, async ({ room }) => {
    await endShow(room, env.DB, 'presenter');
    let deleted = false;
    const storage = { deleteAll: () => Promise.resolve((deleted = true)) } as unknown as DurableObjectStorage;
    const wakeAfter = async (ms: number) => {
      nowMs = beganMs + ms;
      const gone = await wakeUp(room, env, storage);
      expect(gone).toBe(deleted);
      return gone;
    };
    await work({ wakeAfter, engine });
  });
}

it('is kept for the day of its show, and deleted with its room', () =>
  ended(async ({ wakeAfter, engine }) => {
    expect([await wakeAfter(KEPT_MS - 60_000), engine.asked]).toEqual([false, []]);
    expect(await wakeAfter(KEPT_MS + 60_000)).toBe(true);
    expect(engine.asked).toMatchObject([{ sku: 'ticket' }]);
  }));

it('is asked for again while the engine is away, for a day, and then left there', () =>
  ended(async ({ wakeAfter, engine }) => {
    engine.answers = false;
    expect(await wakeAfter(KEPT_MS + 60_000)).toBe(false);
    expect(await wakeAfter(2 * KEPT_MS - 60_000)).toBe(false);
    expect(await wakeAfter(2 * KEPT_MS + 60_000)).toBe(true);
    expect(engine.asked).toHaveLength(3);
  }));
