/** The feed: what stands in a frame to phones. */
import { describe, expect, it } from 'vitest';
import { inRoom, until } from './support/inner-room.ts';

const TAPS = 100;

describe('a frame to phones', () => {
  it.each([
    { phones: 1_000, most: 16 },
    { phones: 1_001, most: 4 },
  ])('holds at most $most events for $phones of them: it waits in memory once for each', ({ phones, most }) =>
    inRoom({ mode: 'safe', capacity: TAPS }, async ({ socket, tap }) => {
      const sockets = Array.from({ length: phones }, (_, place) => socket(`guest-${place}`));
      for (let made = 0; made < TAPS; made += 1) tap();
      const frames = () => [...(sockets[0] ?? [])].filter((message) => message.t === 'frame');
      await until(() => frames().at(-1)?.state.lanes.safe?.acknowledged === TAPS);
      expect(Math.max(...frames().map(({ events }) => events.length))).toBe(most);
      expect(frames().reduce((sum, { omitted }) => sum + omitted, 0)).toBeGreaterThan(0);
    }),
  );

  it('is one for a lone tap: nothing follows it until its cost is told', () =>
    inRoom({ mode: 'safe' }, async ({ socket, tap }) => {
      const heard = socket('guest-1');
      const frames = () => heard.filter((message) => message.t === 'frame');
      // What opening the room cost is told first.
      await scheduler.wait(1_500);
      const before = frames().length;
      await tap().first;
      await scheduler.wait(500);
      expect(frames().length - before).toBe(1);
    }));
});
