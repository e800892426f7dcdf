import { expect, test, vi } from 'vitest';
import { buzzWhenLost } from '#lib/client/loss-buzz.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';

const fate = (fate: DownOf<'fate'>['fate']): Down => ({
  t: 'fate',
  op: '00000000-0000-4000-8000-000000000001',
  lane: 'eventual',
  fate,
  units: 1,
});

function heard() {
  let nowMs = 0;
  const buzz = vi.fn();
  const hear = buzzWhenLost(buzz, { monotonic: () => nowMs });
  return {
    buzz,
    hear: (message: Down, atMs: number) => {
      nowMs = atMs;
      hear(message);
    },
  };
}

test('a burst of losses is one buzz, and the next burst another', () => {
  const { buzz, hear } = heard();
  for (let atMs = 0; atMs < 10_000; atMs += 100) hear(fate('lost'), atMs);
  expect(buzz).toHaveBeenCalledTimes(1);
  hear(fate('lost'), 12_500);
  expect(buzz).toHaveBeenCalledTimes(2);
});

test('nothing buzzes for what came back', () => {
  const { buzz, hear } = heard();
  hear(fate('restored'), 0);
  expect(buzz).not.toHaveBeenCalled();
});

test('a phone does not buzz for whoever asked for no motion, nor on a page that nobody touched', () => {
  const vibrate = vi.fn();
  const lose = (reduce: boolean, hasBeenActive: boolean) => {
    vi.stubGlobal('navigator', { vibrate, userActivation: { hasBeenActive } });
    vi.stubGlobal('matchMedia', () => ({ matches: reduce }));
    buzzWhenLost()(fate('lost'));
    vi.unstubAllGlobals();
    return vibrate.mock.calls.length;
  };
  expect(lose(true, true)).toBe(0);
  expect(lose(false, false)).toBe(0);
  expect(lose(false, true)).toBe(1);
});
