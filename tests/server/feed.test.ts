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
      const frames = () => (sockets[0] ?? []).filter((message) => message.t === 'frame');
      await until(() => frames().at(-1)?.state.lanes.safe.acknowledged === TAPS);
      expect(Math.max(...frames().map(({ events }) => events.length))).toBe(most);
      expect(frames().reduce((sum, { omitted }) => sum + omitted, 0)).toBeGreaterThan(0);
    }),
  );
});
