/** Which race is looked at first. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clearestRace } from '#lib/domain/race-choice.ts';
import { bothRead, duelOf } from '#lib/domain/race-duel.ts';
import { racesOf } from '#lib/domain/race.ts';
import type { Race } from '#lib/domain/race.ts';
import { check } from './support/property.ts';
import { playShow } from './support/show.ts';
import { histories, late, told } from './support/shoppers.ts';

const isShared = (race: Race) => {
  const duel = duelOf(race);
  return duel !== null && bothRead(duel) !== null;
};

describe('the race that is looked at first', () => {
  test('has a pair that read the same version wherever there is one', () => {
    let among = 0;
    check(
      fc.property(histories, (history) => {
        const races = racesOf(told(history).log.events);
        const first = clearestRace(races);
        expect(first !== null).toBe(races.length > 0);
        if (!first) return;
        expect(isShared(first)).toBe(races.some(isShared));
        if (!isShared(races.at(-1)!) && isShared(first)) among += 1;
      }),
    );
    // Where the newest does not have one, an older race is first.
    expect(among).toBeGreaterThan(20);
  });

  test('is not the one that reads like correct counting: read 1 and wrote 2, after another read 0 and wrote 1', () => {
    // 1: 0 → 1, 2: 0 → 1 erases 1, 3: reads version 1, 1 → 2: erases 2, brings 1 back.
    const races = racesOf(told([late(0), late(1), late(1)]).log.events);
    expect(races).toHaveLength(2);
    expect(isShared(races[1]!)).toBe(false);
    // The op of the first race came back by the second: still, its pair is the one that can be seen.
    expect(clearestRace(races)?.number).toBe(1);
  });

  test('is the newest of those that are equally clear', () => {
    const races = racesOf(told([late(0), late(1), late(0), late(1)]).log.events);
    expect(races).toHaveLength(2);
    expect(clearestRace(races)?.number).toBe(2);
  });

  test('has one whose loss is still one, and of two people, before others', () => {
    // guest-0 races guest-1; then guest-2 builds on guest-0, whose unit is back.
    const back = [late(0), late(1), late(1)];
    const races = racesOf(told([...back, late(0), late(1)]).log.events);
    expect(clearestRace(races)?.number).toBe(races.length);
    expect(duelOf(clearestRace(races)!)?.backBy).toBeNull();
  });

  test('is of the newest race’s epoch, and there is none without a race', () => {
    const { events } = playShow({ seed: 7, steps: 900, mode: 'both', resetEvery: 200 });
    const races = racesOf(events);
    expect(new Set(races.map(({ epoch }) => epoch)).size).toBeGreaterThan(1);
    expect(clearestRace(races)?.epoch).toBe(races.at(-1)!.epoch);
    expect(clearestRace([])).toBeNull();
  });
});
