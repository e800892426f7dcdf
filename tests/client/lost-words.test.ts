/** The sentences of a lost update: no claim in them is false for its pair, whatever happened before and after. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lostPair, lostPicture, pairMoments, pairSpanMs } from '#lib/components/race/lost-layout.ts';
import { lostByDuel, lostStory, lostText, sumWords, whichWords } from '#lib/components/race/lost-words.ts';
import type { LostUpdate } from '#lib/components/race/lost-words.ts';
import { numberIn, piecesOf, plainOf, whoIn } from '#lib/components/race/pieces.ts';
import { chain, divergence } from '#lib/domain/lineage.ts';
import { duelOf } from '#lib/domain/race-duel.ts';
import { racesOf } from '#lib/domain/race.ts';
import type { Race } from '#lib/domain/race.ts';
import type { Write } from '#lib/domain/write.ts';
import { sentenceSize } from '../../src/routes/stage/[code]/scenes/sentence-size.ts';
import { check } from '../domain/support/property.ts';
import { histories, late, lineageUpTo, told } from '../domain/support/shoppers.ts';

const wordsOf = (race: Race) => lostText(lostByDuel(duelOf(race)!));
const lost: LostUpdate = {
  lostWho: 'lucky-egret',
  lostUnits: 1,
  lostWrote: 40,
  byWho: 'cheery-rabbit',
  byWrote: 40,
  bothRead: 39,
  backBy: null,
  effect: { lost: 1, restored: 0 },
};

describe('the sentences', () => {
  test('say first what everybody can follow', () => {
    expect(lostText(lost)).toBe(
      'lucky-egret and cheery-rabbit both read 39. Both wrote 40. One sale vanished.',
    );
    expect(lostText({ ...lost, byWho: 'lucky-egret' })).toBe(
      'Two taps of lucky-egret both read 39. Both wrote 40. One sale vanished.',
    );
    expect(lostText({ ...lost, lostUnits: 3, lostWrote: 42 })).toBe(
      'lucky-egret and cheery-rabbit both read 39. lucky-egret wrote 42, then cheery-rabbit wrote 40 over it. One sale of 3 vanished.',
    );
  });

  test('name no shared reading where there was none, and say what came back', () => {
    const other = { ...lost, bothRead: null, byWrote: 41, effect: { lost: 1, restored: 1 } };
    expect(lostText(other)).toBe(
      'lucky-egret wrote 40. cheery-rabbit had not seen that, and wrote 41 over it. One sale vanished, another came back.',
    );
    expect(lostText({ ...lost, backBy: 'teal-wren' })).toContain(
      'A later write of teal-wren brought it back.',
    );
    expect(lostText({ ...lost, effect: { lost: 3, restored: 0 }, backBy: 'teal-wren' })).toContain(
      '3 sales vanished. A later write of teal-wren brought lucky-egret’s back.',
    );
  });

  test('claim nothing that the writes do not say, in 2,000 histories', () => {
    const seen = { shared: 0, unseen: 0, alone: 0, several: 0, back: 0 };
    check(
      fc.property(histories, (history) => {
        const { log, writes } = told(history);
        for (const race of racesOf(log.events)) {
          const claims = claimsOf(wordsOf(race));
          const by = writes.find(({ op }) => op === race.by)!;
          const erased = writes.find(({ op }) => op === race.erased)!;
          const before = lineageUpTo(writes, by.version - 1);
          const effect = divergence(before, by);
          const isIn = (lineage: Write[]) => lineage.some(({ op }) => op === erased.op);

          // What the whole is about: it was in the counter, and the later write put it out.
          expect(isIn(chain(before)) && !isIn(chain(lineageUpTo(writes, by.version)))).toBe(true);
          expect([claims.a, claims.b]).toEqual([erased.who, by.who]);
          expect([claims.aWrote, claims.bWrote]).toEqual([erased.wroteAllocated, by.wroteAllocated]);
          if (claims.read === null) {
            // “had not seen that”: what it read was not built on it.
            expect(isIn(chain(lineageUpTo(writes, by.parentVersion)))).toBe(false);
            expect(erased.parentVersion).not.toBe(by.parentVersion);
            seen.unseen += 1;
          } else {
            expect(erased.parentVersion).toBe(by.parentVersion);
            expect([erased.readAllocated, by.readAllocated]).toEqual([claims.read, claims.read]);
            seen.shared += 1;
          }
          expect(claims.lost).toBe(effect.lost.length);
          expect(claims.restored).toBe(effect.restored.length);
          if (claims.units !== null) expect(claims.units).toBe(erased.units);
          if (claims.lost === 1 && claims.restored === 0) expect(claims.units).not.toBeNull();
          if (claims.backBy !== null) {
            const back = log.events.find(
              ({ kind, body }) =>
                kind === 'restored' && 'op' in body && body.op === erased.op && body.version > by.version,
            );
            expect(back?.kind === 'restored' && back.body.byWho).toBe(claims.backBy);
            seen.back += 1;
          }
          if (claims.a === claims.b) seen.alone += 1;
          if (effect.lost.length > 1) seen.several += 1;
        }
      }),
      2_000,
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  test('have their names and numbers apart, whatever a name is made of', () => {
    check(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 24 }), fc.nat(100_000), (name, value) => {
        const own = name.replace(/[\ue000-\ue002]/gu, '');
        const sentence = `${whoIn(name)} wrote ${numberIn(value)}.`;
        const shown = value.toLocaleString('en-US');
        expect(piecesOf(sentence)).toEqual([
          { kind: 'who', text: own },
          { kind: 'text', text: ' wrote ' },
          { kind: 'number', text: shown },
          { kind: 'text', text: '.' },
        ]);
        expect(plainOf(sentence)).toBe(`${own} wrote ${shown}.`);
      }),
    );
  });

  test('of all that vanished say that it is so far while something is in flight, and when all came back', () => {
    expect(plainOf(sumWords(83, 0))).toBe('83 units vanished this way');
    expect(plainOf(sumWords(83, 4))).toBe('83 units vanished this way so far');
    expect(plainOf(sumWords(1, 0))).toBe('1 unit vanished this way');
    expect(plainOf(sumWords(0, 0))).toBe('Nothing is missing now: what had vanished came back');
    expect(plainOf(whichWords(60, 60, 110))).toBe('the newest, 110 ms from first read to last write');
    expect(plainOf(whichWords(12, 60, 110))).toBe('race 12 of 60, 110 ms from first read to last write');
  });

  test('are set smaller the longer they are, and never so small that the last row cannot read them', () => {
    const usual = plainOf(lostStory(lost).told.join(' ') + lostStory(lost).gone.join(' '));
    expect(sentenceSize(usual)).toBe(88);
    expect(sentenceSize('象'.repeat(48) + usual)).toBeLessThan(sentenceSize('x'.repeat(48) + usual));
    expect(sentenceSize('象'.repeat(600))).toBe(44);
  });
});

describe('the picture', () => {
  test('stands at the end as the sentence says it, with what the counter should have been', () => {
    check(
      fc.property(histories, (history) => {
        const { log, writes } = told(history);
        for (const race of racesOf(log.events)) {
          const pair = lostPair(race)!;
          const { erased, by, read, should, isLost, isNext } = lostPicture(pair, Infinity);
          const claims = claimsOf(wordsOf(race));
          expect([erased.wrote, by.wrote]).toEqual([claims.aWrote, claims.bWrote]);
          expect(read).toEqual(claims.read === null ? [erased.read, by.read] : [claims.read]);
          expect(isLost).toBe(true);
          expect([erased.grownX, by.grownX]).toEqual([erased.toX, by.toX]);
          const write = writes.find(({ op }) => op === race.by)!;
          const before = writes[write.version - 2]!;
          expect(isNext).toBe(before.wroteAllocated === erased.wrote);
          if (!should) continue;
          // Had it added to what stood there, nobody’s units would be missing now.
          const gone = divergence(lineageUpTo(writes, write.version - 1), write).lost;
          expect(should.before).toBe(before.wroteAllocated);
          expect(should.sum).toBe(should.before + should.added);
          expect(should.sum - by.wrote).toBe(gone.reduce((sum, { units }) => sum + units, 0));
        }
      }),
      300,
    );
  });

  test('grows with the recorded times, and shows no write before it was sent', () => {
    check(
      fc.property(histories, fc.nat(400), (history, atMs) => {
        const { log, timesOf } = told(history);
        for (const race of racesOf(log.events)) {
          const pair = lostPair(race)!;
          const { erased, by, isLost } = lostPicture(pair, atMs);
          const [readAt, wroteAt] = timesOf.get(race.erased)!;
          const [otherReadAt, otherWroteAt] = timesOf.get(race.by)!;
          const startMs = Math.min(readAt, otherReadAt);
          expect(pairMoments(pair)).toEqual(
            [readAt, otherReadAt, wroteAt, otherWroteAt].map((ms) => ms - startMs),
          );
          expect(pairSpanMs(pair)).toBe(Math.max(wroteAt, otherWroteAt) - startMs);
          expect([erased.hasRead, by.hasRead]).toEqual(
            [readAt, otherReadAt].map((ms) => ms - startMs <= atMs),
          );
          expect([erased.hasWrote, by.hasWrote]).toEqual(
            [wroteAt, otherWroteAt].map((ms) => ms - startMs <= atMs),
          );
          expect(isLost).toBe(erased.hasWrote && by.hasWrote);
          for (const lane of [erased, by]) {
            expect(lane.grownX >= lane.fromX && lane.grownX <= lane.toX).toBe(true);
            expect(lane.grownX === lane.toX).toBe(lane.hasWrote);
          }
        }
      }),
      300,
    );
  });

  test('has room for the widest figure', () => {
    const [race] = racesOf(told([late(0), late(1)]).log.events);
    const pair = lostPair(race!)!;
    const wide = { ...pair, by: { ...pair.by, readAllocated: 99_999, wroteAllocated: 100_000 } };
    expect(lostPicture(pair, 0).ems).toBeCloseTo(0.6);
    expect(lostPicture(wide, 0).ems).toBeCloseTo(3.89);
  });
});

interface Claims {
  a: string;
  b: string;
  /** What both read; null where no shared reading is claimed. */
  read: number | null;
  aWrote: number;
  bWrote: number;
  lost: number;
  restored: number;
  /** Of the one sale; null where none is told. */
  units: number | null;
  backBy: string | null;
}

const READ = /^(?:Two taps of (?<alone>\S+)|(?<a>\S+) and (?<b>\S+)) both read (?<read>\d+)\. /;
const SAME = /^Both wrote (?<both>\d+)\. /;
const THEN =
  /^(?:(?<a>\S+) wrote (?<first>\d+), then (?<b>\S+)|One wrote (?<one>\d+), then the other) wrote (?<second>\d+) over it\. /;
const UNSEEN =
  /^(?<a>\S+) wrote (?<first>\d+)\. (?:Another tap of (?<alone>\S+)|(?<b>\S+)) had not seen that, and wrote (?<second>\d+) over it\. /;
const GONE =
  /^(?:One sale(?: of (?<units>\d+))? vanished|(?<many>\d+) sales vanished)(?:, (?:(?<another>another)|(?<restored>\d+)) came back)?\.(?: |$)/;
const BACK = /^A later write of (?<by>\S+) brought (?:it|(?<whose>\S+)’s) back\.$/;

/** Everything that the sentences claim, read from their words alone. Throws on words that are none of them. */
function claimsOf(words: string): Claims {
  let rest = words;
  const next = (form: RegExp) => {
    const found = form.exec(rest);
    if (found) rest = rest.slice(found[0].length);
    return found?.groups ?? null;
  };
  const both = next(READ);
  const wrote = both ? (next(SAME) ?? next(THEN)) : next(UNSEEN);
  const gone = next(GONE);
  const back = next(BACK);
  if (!wrote || !gone || rest !== '') throw new Error(`no such sentence: ${words}`);
  const a = both ? (both['alone'] ?? both['a']!) : wrote['a']!;
  const b = both ? (both['alone'] ?? both['b']!) : (wrote['alone'] ?? wrote['b']!);
  // Names that stand twice are the same ones.
  if (both && wrote['a'] !== undefined) expect([wrote['a'], wrote['b']]).toEqual([a, b]);
  if (back?.['whose'] !== undefined) expect(back['whose']).toBe(a);
  const first = Number(wrote['both'] ?? wrote['first'] ?? wrote['one']);
  const many = gone['many'];
  return {
    a,
    b,
    read: both ? Number(both['read']) : null,
    aWrote: first,
    bWrote: Number(wrote['both'] ?? wrote['second']),
    lost: many === undefined ? 1 : Number(many),
    restored: gone['another'] === undefined ? Number(gone['restored'] ?? 0) : 1,
    units:
      many === undefined && words.includes('came back')
        ? null
        : many === undefined
          ? Number(gone['units'] ?? 1)
          : null,
    backBy: back?.['by'] ?? null,
  };
}
