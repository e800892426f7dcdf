import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { emptyFacts } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { chain, divergence } from '#lib/domain/lineage.ts';
import type { Write } from '#lib/domain/write.ts';
import { bothRead, duelOf, duelOfFacts } from '#lib/domain/race-duel.ts';
import { phaseAt, raceSpan, raceSteps } from '#lib/domain/race-steps.ts';
import { isSentOutOfOrder, MAX_RACERS, RaceBook, racesOf } from '#lib/domain/race.ts';
import type { Race } from '#lib/domain/race.ts';
import { apply } from '#lib/domain/reduce.ts';
import { holdingsOf } from '#lib/domain/view.ts';
import { check } from './support/property.ts';
import { histories, lineageUpTo, told } from './support/shoppers.ts';
import { playShow } from './support/show.ts';

const opsOf = (writes: readonly { op: string }[]) => writes.map(({ op }) => op).sort();
const endOf = (race: Race) => Math.max(...race.racers.map(({ version }) => version));

describe('races of a log', () => {
  test('there is one for each write that erased, and it erased what the lineage says, in 2,000 histories', () => {
    let found = 0;
    check(
      fc.property(histories, (history) => {
        const { log, writes } = told(history);
        const erasing = writes.filter(
          (write) => divergence(lineageUpTo(writes, write.version - 1), write).lost.length > 0,
        );
        const races = racesOf(log.events);
        expect(races.map(({ by }) => by)).toEqual(opsOfOrder(erasing));
        for (const race of races) {
          const by = writes.find(({ op }) => op === race.by) as Write;
          const { lost, restored } = divergence(lineageUpTo(writes, by.version - 1), by);
          expect(opsOf(lost)).toContain(race.erased);
          const drawn = new Set(race.racers.map(({ op }) => op));
          const ofIt = race.fates.filter(({ version }) => version === by.version);
          const expected = [...lost, ...restored].filter(({ op }) => drawn.has(op));
          expect(opsOf(ofIt)).toEqual(opsOf(expected));
          if (race.omitted === 0) expect(ofIt).toHaveLength(lost.length + restored.length);
          expect(race.effect).toEqual({ lost: lost.length, restored: restored.length });
        }
        found += races.length;
      }),
      2_000,
    );
    expect(found).toBeGreaterThan(5_000);
  });

  test('have everybody who took part: erased, brought back, bringing back, or not seen by the write that erased', () => {
    let more = 0;
    check(
      fc.property(histories, (history) => {
        const { log, writes } = told(history);
        for (const race of racesOf(log.events)) {
          const by = writes.find(({ op }) => op === race.by) as Write;
          const { lost, restored } = divergence(lineageUpTo(writes, by.version - 1), by);
          const unseen = writes.filter(({ version }) => version > by.parentVersion && version < by.version);
          const back = log.events.find(
            (event) => event.kind === 'restored' && event.seq > race.seq && event.body.op === race.erased,
          );
          const all = new Set(opsOf([by, ...lost, ...restored, ...unseen]));
          if (back?.kind === 'restored') all.add(back.body.by);
          expect(race.racers.length + race.omitted).toBe(all.size);
          expect(race.racers.filter(({ op }) => !all.has(op))).toEqual([]);
          more += race.omitted;
        }
      }),
    );
    expect(more).toBeGreaterThan(0);
  });

  test('where everybody stands at their end is where the chain has them: in the counter, or erased', () => {
    let lost = 0;
    let back = 0;
    check(
      fc.property(histories, (history) => {
        const { log, writes } = told(history);
        for (const race of racesOf(log.events)) {
          const kept = new Set(chain(lineageUpTo(writes, endOf(race))).map(({ op }) => op));
          for (const racer of race.racers) {
            const { phase } = phaseAt(race, racer, Infinity);
            expect(phase === 'kept' || phase === 'back').toBe(kept.has(racer.op));
            if (phase === 'lost') lost += 1;
            if (phase === 'back') back += 1;
          }
        }
      }),
    );
    expect(lost).toBeGreaterThan(1_000);
    expect(back).toBeGreaterThan(50);
  });

  test('take every time and number from the log, and make up none', () => {
    check(
      fc.property(histories, (history) => {
        const { log, writes, timesOf } = told(history);
        for (const race of racesOf(log.events)) {
          expect(race.racers.length).toBeLessThanOrEqual(MAX_RACERS);
          for (const { op, readAtMs, wroteAtMs, ...said } of race.racers) {
            expect([readAtMs, wroteAtMs]).toEqual(timesOf.get(op));
            expect({ ...said, op }).toMatchObject(writes.find((write) => write.op === op) as Write);
          }
          const { startMs, endMs } = raceSpan(race);
          const steps = raceSteps(race);
          expect(steps).toHaveLength(2 * race.racers.length);
          expect(steps[0]?.atMs).toBe(0);
          expect(steps.at(-1)?.atMs).toBe(endMs - startMs);
          expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).sort((a, b) => a - b));
        }
      }),
    );
  });

  test('picture a pair that read the same version wherever nothing came back by it', () => {
    check(
      fc.property(histories, (history) => {
        const { log, writes } = told(history);
        for (const race of racesOf(log.events)) {
          const duel = duelOf(race);
          const by = writes.find(({ op }) => op === race.by) as Write;
          const { restored } = divergence(lineageUpTo(writes, by.version - 1), by);
          if (restored.length === 0) expect(duel && bothRead(duel)).toBe(by.readAllocated);
          expect(duel?.by.version).toBe(by.version);
          expect(duel?.storedBefore).toBe(writes[by.version - 2]?.wroteAllocated);
        }
      }),
    );
  });

  test('are numbered over all epochs, and found by any lost update that belongs to them', () => {
    const { events } = playShow({ seed: 7, steps: 900, mode: 'both', resetEvery: 200 });
    const book = new RaceBook();
    for (const event of events) book.take(event);
    const lost = events.filter(({ kind }) => kind === 'lost');
    expect(new Set(lost.map(({ epoch }) => epoch)).size).toBeGreaterThan(1);
    for (const { seq, epoch } of lost) {
      const place = book.placeOf(seq);
      const race = book.race(place ?? -1);
      expect(race).toMatchObject({ epoch, number: (place ?? -1) + 1 });
      if (race?.omitted === 0) expect(race.fates.map((fate) => fate.seq)).toContain(seq);
    }
    expect(book.placeOf(1)).toBeNull();
    expect(racesOf(events)).toHaveLength(book.count);
    expect(racesOf(events, 3).map(({ number }) => number)).toEqual([
      book.count - 2,
      book.count - 1,
      book.count,
    ]);
  });

  test('hand over those around a place, at the edges as many as in the middle', () => {
    const { log } = told(Array.from({ length: 12 }, () => ({ late: 3, units: 1, pausedMs: 100, skewMs: 0 })));
    const book = new RaceBook();
    for (const event of log.events) book.take(event);
    const numbers = (place: number) => book.around(place, 5).map(({ number }) => number);
    expect(book.count).toBeGreaterThan(6);
    expect(numbers(0)).toEqual([1, 2, 3, 4, 5]);
    expect(numbers(4)).toEqual([3, 4, 5, 6, 7]);
    expect(numbers(book.count - 1)).toEqual([-4, -3, -2, -1, 0].map((back) => book.count + back));
    expect(new RaceBook().around(0, 5)).toEqual([]);
  });

  test('are none where shoppers bought one after the other, on the safe lane, or without recorded times', () => {
    const { log } = told(Array.from({ length: 9 }, () => ({ late: 0, units: 1, pausedMs: 100, skewMs: 0 })));
    expect(racesOf(log.events)).toEqual([]);
    const safe = playShow({ seed: 3, steps: 200, mode: 'both' }).events.filter(
      ({ body }) => !('lane' in body) || body.lane === 'safe',
    );
    expect(safe.length).toBeGreaterThan(20);
    expect(racesOf(safe)).toEqual([]);
    expect(racesOf([])).toEqual([]);
    const untimed = pair().events.map((event): RoomEvent => {
      if (event.kind !== 'allocated') return event;
      const { readAtMs: _read, wroteAtMs: _wrote, ...body } = event.body;
      return { ...event, body };
    });
    expect(racesOf(untimed)).toEqual([]);
  });
});

describe('a race of two', () => {
  test('is told step by step: both read, one wrote, the other wrote over it', () => {
    const [race] = racesOf(pair().events) as [Race];
    expect(
      raceSteps(race).map(({ atMs, kind, racer, fates }) => [atMs, kind, racer.op, fates.length]),
    ).toEqual([
      [0, 'read', 'op-1', 0],
      [10, 'read', 'op-2', 0],
      [100, 'wrote', 'op-1', 0],
      [140, 'wrote', 'op-2', 1],
    ]);
    const phases = (atMs: number) => race.racers.map((racer) => phaseAt(race, racer, atMs).phase);
    expect(phases(0)).toEqual(['pausing', 'before']);
    expect(phases(100)).toEqual(['kept', 'pausing']);
    expect(phases(139.9)).toEqual(['kept', 'pausing']);
    expect(phases(140)).toEqual(['lost', 'kept']);
  });

  test('says that writes were sent in another order than they were made in, when their clocks have it so', () => {
    const [race] = racesOf(pair().events) as [Race];
    expect(isSentOutOfOrder(race)).toBe(false);
    const [late] = racesOf(pair(60).events) as [Race];
    expect(isSentOutOfOrder(late)).toBe(true);
    expect(phaseAt(late, late.racers[0]!, Infinity).phase).toBe('lost');
  });

  test('is told to its loser with the same numbers, from the room’s own state', () => {
    const { events, facts } = pair();
    const duel = duelOf(racesOf(events)[0] as Race)!;
    const told = duelOfFacts(ofLane(facts.lanes, 'eventual'), 'op-1', 'op-2');
    const { erased, by, storedBefore } = told!;
    expect(duel).toMatchObject({ erased, by, storedBefore, backBy: null });
    expect(bothRead(told!)).toBe(0);
    expect(holdingsOf(facts, 'guest-0')).toMatchObject([
      { op: 'op-1', fate: 'lost', by: 'guest-1', duel: told },
    ]);
    expect(holdingsOf(facts, 'guest-1')[0]).not.toHaveProperty('duel');
    expect(duelOfFacts(ofLane(facts.lanes, 'safe'), 'op-1', 'op-2')).toBeNull();
  });

  test('is told to every loser of a history as their newest loss stands in the log', () => {
    let losers = 0;
    check(
      fc.property(histories, (history) => {
        const { log } = told(history);
        for (const { op, lostTo } of ofLane(log.facts.lanes, 'eventual').byOp.values()) {
          if (!lostTo) continue;
          losers += 1;
          const loss = log.events.findLast((event) => event.kind === 'lost' && event.body.op === op);
          const duel = duelOfFacts(ofLane(log.facts.lanes, 'eventual'), op, lostTo.op);
          expect(loss?.body).toMatchObject({
            storedBefore: duel?.storedBefore,
            storedAfter: duel?.by.wroteAllocated,
            version: duel?.by.version,
            parentVersion: duel?.by.parentVersion,
            who: duel?.erased.who,
            byWho: duel?.by.who,
          });
        }
      }),
      300,
    );
    expect(losers).toBeGreaterThan(300);
  });

  test('names who brought the erased one back', () => {
    const { log } = told([
      { late: 0, units: 1, pausedMs: 100, skewMs: 0 },
      { late: 1, units: 1, pausedMs: 100, skewMs: 0 },
      { late: 1, units: 1, pausedMs: 100, skewMs: 0 },
    ]);
    const [first] = racesOf(log.events) as [Race];
    expect(first).toMatchObject({ by: 'op-2', erased: 'op-1' });
    expect(duelOf(first)?.backBy).toBe('guest-2');
    expect(opsOf(first.racers)).toEqual(['op-1', 'op-2', 'op-3']);
    expect(phaseAt(first, first.racers[0]!, Infinity).phase).toBe('back');
  });
});

/** Two who read the untouched stock, 10 ms apart; the second writes 40 ms after the first, or `lateMs` earlier than that. */
function pair(lateMs = 0) {
  const { log } = told([
    { late: 0, units: 1, pausedMs: 100, skewMs: 0 },
    { late: 1, units: 1, pausedMs: 130 - lateMs, skewMs: -lateMs },
  ]);
  const facts = emptyFacts();
  for (const event of log.events) apply(facts, event);
  return { events: log.events, facts };
}

function opsOfOrder(writes: readonly Write[]): string[] {
  return writes.map(({ op }) => op);
}
