/** Layout of a race's time lines, in percent of the width, from recorded times where there are any. */
import { phrase } from '#lib/language/phrase.ts';
import { unreachable } from '#lib/domain/assert.ts';
import type { Duel, ToldDuel } from '#lib/domain/race-duel.ts';
import type { Race, RaceSide } from '#lib/domain/race.ts';
import { phaseAt, raceSpan } from '#lib/domain/race-steps.ts';
import type { RacerPhase, RacerTimes } from '#lib/domain/race-steps.ts';
import { count } from '../format.ts';

/** One op's time line. */
export interface LaneRow {
  key: string;
  who: string;
  sim: boolean;
  /** What it read and wrote by now. */
  did: string;
  /** What became of it by now; empty while nothing has. */
  fate: string;
  phase: RacerPhase;
  readX: number;
  writeX: number;
  /** How far its bar has come; null before its reading. */
  doneX: number | null;
  /** Where it was erased, and the row of the write that did it; null while it was not, or by a write that is not drawn. */
  gone: { x: number; fromRow: number } | null;
}

/** Room beside the first and the last moment, percent: a mark has a width. */
const MARGIN = 2;
/** Positions of two readings and two writes without times, which show their order only. */
const ORDERED = { firstRead: 3, laterRead: 18, firstWrite: 62, laterWrite: 96 } as const;

/** Width of a letter of the text face, ems: its average, with some to spare. */
const LETTER_EM = 0.54;

/** Heights of one lane, in ems: of all of it, and where its bar and its fate stand; no fate where it is not said. */
export interface RowSize {
  row: number;
  bar: number;
  fate: number | null;
}

/** How wide the widest line of words is, about, in ems; `withFate` where what became of an op stands in the same line. */
export function widthEm(rows: readonly LaneRow[], withFate: boolean): number {
  const letters = rows.map(
    ({ who, sim, did, fate }) =>
      who.length + (sim ? 13 : 1) + did.length + (withFate && fate ? fate.length + 2 : 0),
  );
  return LETTER_EM * Math.max(0, ...letters);
}

/** Words in one line where there is room, else below each other. */
export function rowSize(room: { isWide: boolean; isSplit: boolean; brief: boolean }): RowSize {
  if (room.isWide) return { row: 2.1, bar: 1.55, fate: 1 };
  const words = room.isSplit ? 2.15 : 1;
  const fate = room.brief ? null : words + 1.15;
  return { row: (fate ?? words) + 1.3, bar: (fate ?? words) + 0.65, fate };
}

/** Where a moment stands, percent. */
export function placeOf(atMs: number, endMs: number): number {
  return endMs <= 0 ? 100 - MARGIN : MARGIN + (atMs / endMs) * (100 - 2 * MARGIN);
}

/** The lanes of a race as they stand at a moment, milliseconds since its first reading. */
export function raceRows(race: Race, atMs: number): LaneRow[] {
  const { startMs, endMs } = raceSpan(race);
  const x = (unixMs: number) => placeOf(unixMs - startMs, endMs - startMs);
  return race.racers.map((racer) => {
    const { phase, fate } = phaseAt(race, racer, atMs);
    const fromRow = race.racers.findIndex(({ version }) => version === fate?.version);
    const isGone = phase === 'lost' && fate !== null && fromRow >= 0;
    return {
      key: racer.op,
      who: racer.who,
      sim: racer.sim === true,
      did: didWords(racer, phase),
      fate: fateWords(phase, fate?.byWho ?? '', racer.who),
      phase,
      readX: x(racer.readAtMs),
      writeX: x(racer.wroteAtMs),
      doneX: phase === 'before' ? null : x(Math.min(startMs + atMs, racer.wroteAtMs)),
      gone: isGone ? { x: x(fate.atMs), fromRow } : null,
    };
  });
}

/** How long a duel took, milliseconds; null where its times are not known, so that it cannot be drawn to scale. */
export function duelSpanMs({ erased, by }: Duel): number | null {
  if (!isTimed(erased) || !isTimed(by)) return null;
  const { startMs, endMs } = raceSpan({ racers: [erased, by] });
  return endMs - startMs;
}

/** Both lanes of a duel as it ended: to scale where its times are known, else in their order. */
export function duelRows(duel: Duel, backBy: ToldDuel['backBy']): LaneRow[] {
  const { erased, by } = duel;
  const places = isTimed(erased) && isTimed(by) ? timed(erased, by) : ordered(duel);
  const phase = backBy === null ? 'lost' : 'back';
  return [
    {
      ...rowOf('erased', erased, phase, places.erased),
      fate: backBy === null ? phrase('⊘ erased') : phrase('↩ came back'),
      gone: { x: places.by.writeX, fromRow: 1 },
    },
    { ...rowOf('by', by, 'kept', places.by), fate: '', gone: null },
  ];
}

function rowOf(key: string, side: RaceSide, phase: RacerPhase, place: { readX: number; writeX: number }) {
  const { who, sim } = side;
  return { key, who, sim: sim === true, did: didWords(side, phase), phase, ...place, doneX: place.writeX };
}

function isTimed(side: RaceSide): side is RaceSide & RacerTimes {
  return side.readAtMs !== undefined && side.wroteAtMs !== undefined;
}

function timed(erased: RacerTimes, by: RacerTimes) {
  const { startMs, endMs } = raceSpan({ racers: [erased, by] });
  const place = ({ readAtMs, wroteAtMs }: RacerTimes) => ({
    readX: placeOf(readAtMs - startMs, endMs - startMs),
    writeX: placeOf(wroteAtMs - startMs, endMs - startMs),
  });
  return { erased: place(erased), by: place(by) };
}

function ordered({ erased, by }: Duel) {
  const readX = (side: RaceSide, other: RaceSide) =>
    side.parentVersion > other.parentVersion ? ORDERED.laterRead : ORDERED.firstRead;
  return {
    erased: { readX: readX(erased, by), writeX: ORDERED.firstWrite },
    by: { readX: readX(by, erased), writeX: ORDERED.laterWrite },
  };
}

function didWords({ readAllocated, wroteAllocated }: RaceSide, phase: RacerPhase): string {
  if (phase === 'before') return phrase('has not read yet');
  const [read, wrote] = [count(readAllocated), count(wroteAllocated)];
  return phase === 'pausing' ? phrase(`read ${read}, pauses`) : phrase(`read ${read} → wrote ${wrote}`);
}

function fateWords(phase: RacerPhase, byWho: string, who: string): string {
  const by = byWho === who ? phrase('their own tap') : byWho;
  switch (phase) {
    case 'before':
    case 'pausing':
    case 'kept':
      return '';
    case 'lost':
      return phrase(`⊘ erased by ${by}`);
    case 'back':
      return phrase(`↩ brought back by ${by}`);
    default:
      return unreachable(phase);
  }
}
