/**
 * Layout of one lost update: the counter as a row of figures (what was read, what was written, what was written over it), and
 * the two time lines to them. A line grows with the recorded times; where it begins and ends is the figure's place.
 */
import { bothRead } from '#lib/domain/race-duel.ts';
import { isSentOutOfOrder } from '#lib/domain/race.ts';
import type { Race, Racer } from '#lib/domain/race.ts';
import { count } from '../format.ts';

/** One of the two, as it stands at a moment. Times in milliseconds since the first reading of the pair. */
export interface LostLane {
  who: string;
  read: number;
  wrote: number;
  readAtMs: number;
  wroteAtMs: number;
  hasRead: boolean;
  hasWrote: boolean;
  /** Where its line begins, has come to, and ends, percent of the width. */
  fromX: number;
  grownX: number;
  toX: number;
}

/** The picture at a moment. */
export interface LostPicture {
  erased: LostLane;
  by: LostLane;
  /** What was read: one figure where both read the same version, else that of the erased and that of its eraser. */
  read: readonly [number] | readonly [number, number];
  /** The erased write is out of the counter by now. */
  isLost: boolean;
  /** The counter before the erasing write, what that added, and the sum; null where the write brought others back, too. */
  should: { before: number; added: number; sum: number } | null;
  /** What stood in the counter before the erasing write is what the erased one wrote. */
  isNext: boolean;
  /** Width of the widest figure, ems. */
  ems: number;
}

/** The two of a race that are pictured, with their times. */
export interface LostPair {
  erased: Racer;
  by: Racer;
  /** The stored counter before the erasing write, units. */
  storedBefore: number;
}

/** Middle of the figures, percent of the width: read, written, written over. */
const COLUMNS = { read: 100 / 6, wrote: 50, over: 500 / 6 } as const;
/** The lines of who read first and who read later begin this far left and right of the figure's middle, percent. */
const ASIDE = 3;
/** Width of a digit and of a comma of the figures' face, ems. */
const [DIGIT_EM, COMMA_EM] = [0.6, 0.29];

/** The pictured pair of a race; null where it lacks one of them. */
export function lostPair(race: Race): LostPair | null {
  const erased = race.racers.find(({ op }) => op === race.erased);
  const by = race.racers.find(({ op }) => op === race.by);
  const lost = race.fates.find(
    ({ kind, op, version }) => kind === 'lost' && op === race.erased && version === by?.version,
  );
  return erased && by && lost ? { erased, by, storedBefore: lost.storedBefore } : null;
}

/** The recorded moments of a pair, milliseconds since its first reading. */
export function pairMoments({ erased, by }: LostPair): number[] {
  const moments = [erased.readAtMs, by.readAtMs, erased.wroteAtMs, by.wroteAtMs];
  const startMs = Math.min(...moments);
  return moments.map((ms) => ms - startMs);
}

/** From the first reading to the last write, milliseconds. */
export function pairSpanMs({ erased, by }: LostPair): number {
  const lastMs = Math.max(erased.wroteAtMs, by.wroteAtMs);
  return Math.max(0, lastMs - Math.min(erased.readAtMs, by.readAtMs));
}

/** True where their clocks have the two writes in another order than the database made them. */
export function isPairOutOfOrder({ erased, by }: LostPair): boolean {
  return isSentOutOfOrder({ racers: [erased, by] });
}

/** The picture of a pair at a moment, milliseconds since its first reading. */
export function lostPicture(pair: LostPair, atMs: number): LostPicture {
  const { erased, by, storedBefore } = pair;
  const startMs = Math.min(...[erased, by].flatMap(({ readAtMs, wroteAtMs }) => [readAtMs, wroteAtMs]));
  const lane = (of: Racer, other: Racer, toX: number, isTie: boolean): LostLane => {
    const isFirst = of.readAtMs < other.readAtMs || (of.readAtMs === other.readAtMs && isTie);
    const fromX = COLUMNS.read + (isFirst ? -ASIDE : ASIDE);
    const [readAtMs, wroteAtMs] = [of.readAtMs - startMs, of.wroteAtMs - startMs];
    const done = wroteAtMs > readAtMs ? (atMs - readAtMs) / (wroteAtMs - readAtMs) : 1;
    return {
      who: of.who,
      read: of.readAllocated,
      wrote: of.wroteAllocated,
      readAtMs,
      wroteAtMs,
      hasRead: atMs >= readAtMs,
      hasWrote: atMs >= wroteAtMs,
      fromX,
      grownX: done >= 1 ? toX : fromX + Math.max(0, done) * (toX - fromX),
      toX,
    };
  };
  const lanes = {
    erased: lane(erased, by, COLUMNS.wrote, true),
    by: lane(by, erased, COLUMNS.over, false),
  };
  const isShared = bothRead(pair) !== null;
  const figures = [erased.readAllocated, by.readAllocated, erased.wroteAllocated, by.wroteAllocated];
  return {
    ...lanes,
    read: isShared ? [by.readAllocated] : [erased.readAllocated, by.readAllocated],
    isLost: lanes.erased.hasWrote && lanes.by.hasWrote,
    should: isShared ? { before: storedBefore, added: by.units, sum: storedBefore + by.units } : null,
    isNext: storedBefore === erased.wroteAllocated,
    ems: Math.max(...figures.map(emsOf)),
  };
}

function emsOf(figure: number): number {
  const written = count(figure);
  const commas = written.split(',').length - 1;
  return (written.length - commas) * DIGIT_EM + commas * COMMA_EM;
}
