import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Playback, PLAYS_MS, SPEEDS, STEP_MS } from '#lib/domain/race-playback.ts';
import { check } from './support/property.ts';

const MOMENTS = [0, 12, 104, 104, 139];

function playing(steps = false): Playback {
  const playback = new Playback(MOMENTS, steps);
  playback.setSpeed(0.1);
  playback.play();
  return playback;
}

test('it begins with the outcome, and plays from the beginning', () => {
  const playback = new Playback(MOMENTS);
  expect(playback).toMatchObject({ atMs: 139, isAtEnd: true, isPlaying: false });
  playback.play();
  expect(playback).toMatchObject({ atMs: 0, isPlaying: true });
});

test('it lasts 10 to 20 seconds by itself, however long the race took', () => {
  expect(PLAYS_MS).toBeGreaterThanOrEqual(10_000);
  expect(PLAYS_MS).toBeLessThanOrEqual(20_000);
  check(
    fc.property(fc.integer({ min: 1, max: 600_000 }), fc.integer({ min: 1, max: 250 }), (endMs, frameMs) => {
      const playback = new Playback([0, endMs]);
      playback.play();
      let lastedMs = 0;
      for (; playback.isPlaying; lastedMs += frameMs) playback.advance(frameMs);
      // One frame more at most, and what a sum of fractions is off by.
      expect(Math.abs(lastedMs - PLAYS_MS)).toBeLessThanOrEqual(2 * frameMs);
    }),
    50,
  );
});

test('it runs at the speed that was chosen, and stops at the end', () => {
  const playback = playing();
  playback.advance(500);
  expect(playback.atMs).toBe(50);
  playback.setSpeed(2);
  playback.advance(20);
  expect(playback.atMs).toBe(90);
  playback.advance(10_000);
  expect(playback).toMatchObject({ atMs: 139, isPlaying: false });
});

test('a pause holds the moment, and going on continues from it', () => {
  const playback = playing();
  playback.advance(300);
  playback.pause();
  playback.advance(10_000);
  expect(playback.atMs).toBe(30);
  playback.play();
  playback.advance(100);
  expect(playback.atMs).toBe(40);
});

test('a step goes to the next recorded moment, or the one before, and stops there', () => {
  const playback = playing();
  playback.advance(300);
  playback.step(1);
  expect(playback).toMatchObject({ atMs: 104, isPlaying: false });
  playback.step(-1);
  expect(playback.atMs).toBe(12);
  for (let again = 0; again < 9; again += 1) playback.step(-1);
  expect(playback.atMs).toBe(0);
  for (let again = 0; again < 9; again += 1) playback.step(1);
  expect(playback.atMs).toBe(139);
});

test('for people who asked for no motion it stands at each moment, and never between two', () => {
  const playback = playing(true);
  const seen = [playback.atMs];
  for (let ticks = 0; playback.isPlaying && ticks < 10_000; ticks += 1) {
    playback.advance(16);
    if (seen.at(-1) !== playback.atMs) seen.push(playback.atMs);
  }
  expect(seen).toEqual([0, 12, 104, 139]);
  playback.play();
  playback.advance(STEP_MS - 1);
  expect(playback.atMs).toBe(0);
});

test('whatever is pressed and however long it takes, it stays inside the race', () => {
  const press = fc.oneof(
    fc.record({ ms: fc.double({ min: 0, max: 5_000, noNaN: true }) }),
    fc.record({ seek: fc.double() }),
    fc.record({ step: fc.constantFrom(1 as const, -1 as const) }),
    fc.record({ speed: fc.constantFrom(...SPEEDS) }),
    fc.constant('toggle' as const),
  );
  check(
    fc.property(fc.array(press, { maxLength: 40 }), fc.boolean(), (presses, steps) => {
      const playback = new Playback(MOMENTS, steps);
      for (const each of presses) {
        if (each === 'toggle') {
          if (playback.isPlaying) playback.pause();
          else playback.play();
        } else if ('ms' in each) playback.advance(each.ms);
        else if ('seek' in each) playback.seek(each.seek);
        else if ('step' in each) playback.step(each.step);
        else playback.setSpeed(each.speed);
        expect(playback.atMs).toBeGreaterThanOrEqual(0);
        expect(playback.atMs).toBeLessThanOrEqual(139);
      }
    }),
  );
});

test('a race that took no time at all can be opened and played', () => {
  const playback = new Playback([0, 0]);
  playback.play();
  playback.advance(16);
  expect(playback).toMatchObject({ atMs: 0, endMs: 0, isPlaying: false });
});
