/** What a flood is, and what only looks like one to a room that is late. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floods, newRate } from '#lib/room/flood.ts';

/** Reads messages at these moments, milliseconds; the moment at which the socket would have been closed, or null. */
function closedAt(moments: number[], lateMs: (nowMs: number) => number = () => 0): number | null {
  const rate = newRate(0);
  return moments.find((nowMs) => floods(rate, nowMs, lateMs(nowMs))) ?? null;
}

/** `perSecond` messages a second, evenly, for so many seconds. */
const evenly = (perSecond: number, seconds: number) =>
  Array.from({ length: perSecond * seconds }, (_, index) => (index * 1_000) / perSecond);

describe('a room that reads on time', () => {
  it('lets twenty messages a second pass for as long as they come', () => {
    expect(closedAt(evenly(20, 60))).toBeNull();
  });

  it.each([25, 100, 1_000])(
    'closes a socket that says %i a second once it has done so for two',
    (perSecond) => {
      const atMs = closedAt(evenly(perSecond, 10));
      expect(atMs).toBeGreaterThan(1_000);
      expect(atMs).toBeLessThanOrEqual(2_000 + 1_000 / perSecond);
    },
  );
});

describe('a room that does not come to rest', () => {
  /** The moment at which a session is closed whose every message is refused, or null. */
  const refusedUntil = (perSecond: number, lateMs: number) => {
    const rate = newRate(0);
    return (
      evenly(perSecond, 20).find((nowMs) => {
        rate.refused += 1;
        return floods(rate, nowMs, lateMs);
      }) ?? null
    );
  };

  it('closes who is refused more than ten times a second and goes on for three', () => {
    const atMs = refusedUntil(16, 1_000);
    expect(atMs).toBeGreaterThanOrEqual(3_000);
    expect(atMs).toBeLessThan(5_000);
  });

  it.each([
    ['is refused less often', 9, 1_000],
    ['is refused as often by a room that is on time', 16, 0],
    ['is refused as often by a room that is busy, and answers', 16, 200],
  ])('lets go on who %s', (_who, perSecond, lateMs) => {
    expect(refusedUntil(perSecond, lateMs)).toBeNull();
  });
});

describe('a room that stands still', () => {
  /** Stands before each moment for so long, and reads all that has come in meanwhile at once. */
  const read = (said: number[], standings: { fromMs: number; forMs: number }[]) =>
    said.map((saidMs) => {
      const standing = standings.find(({ fromMs, forMs }) => saidMs >= fromMs && saidMs < fromMs + forMs);
      return standing ? standing.fromMs + standing.forMs : saidMs;
    });

  it('is no reason to close a phone that says ten a second, however long and often it stands', () => {
    const standing = fc.record({ pauseMs: fc.nat(3_000), forMs: fc.nat(2_000) });
    fc.assert(
      fc.property(fc.array(standing, { maxLength: 12 }), (plan) => {
        let endMs = 0;
        const standings = plan.map(({ pauseMs, forMs }) => {
          const fromMs = endMs + pauseMs;
          endMs = fromMs + forMs;
          return { fromMs, forMs };
        });
        // It knows for how long it has stood when it reads what has waited; on time again, it knows of nothing.
        const lateMs = (nowMs: number) =>
          standings.find(({ fromMs, forMs }) => fromMs + forMs === nowMs)?.forMs ?? 0;
        expect(closedAt(read(evenly(10, 40), standings), lateMs)).toBeNull();
      }),
    );
  });

  it('does not save a socket that floods', () => {
    const standings = [
      { fromMs: 500, forMs: 1_500 },
      { fromMs: 2_500, forMs: 1_500 },
    ];
    expect(closedAt(read(evenly(100, 10), standings), () => 1_500)).not.toBeNull();
  });
});
