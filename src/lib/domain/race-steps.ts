/** A race step by step, at the times that were recorded, and where everybody stands at any moment of it. */
import type { Race, RaceFate, Racer } from './race.ts';

/** One recorded step of a racer. */
export interface RaceStep {
  /** Since the first reading of the race, milliseconds. */
  atMs: number;
  kind: 'read' | 'wrote';
  racer: Racer;
  /** What the counter said: to the one who read, or once the write was made. */
  counter: number;
  /** What this write did to other racers. */
  fates: readonly RaceFate[];
}

/** Where a racer stands: not begun, between its reading and its write, in the counter, erased, or in it again. */
export type RacerPhase = 'before' | 'pausing' | 'kept' | 'lost' | 'back';

/** The two moments that a racer noted. */
export type RacerTimes = Pick<Racer, 'readAtMs' | 'wroteAtMs'>;

/** First and last recorded moment of a race, Unix milliseconds. */
export function raceSpan({ racers }: { racers: readonly RacerTimes[] }): { startMs: number; endMs: number } {
  const moments = racers.flatMap(({ readAtMs, wroteAtMs }) => [readAtMs, wroteAtMs]);
  return { startMs: Math.min(...moments), endMs: Math.max(...moments) };
}

/**
 * The steps of a race in the order of their times. Of steps in the same millisecond a reading comes after the write of
 * the version that it read, and before the next.
 */
export function raceSteps(race: Race): RaceStep[] {
  const { startMs } = raceSpan(race);
  const steps = race.racers.flatMap((racer): RaceStep[] => [
    { atMs: racer.readAtMs - startMs, kind: 'read', racer, counter: racer.readAllocated, fates: [] },
    {
      atMs: racer.wroteAtMs - startMs,
      kind: 'wrote',
      racer,
      counter: racer.wroteAllocated,
      fates: race.fates.filter(({ version }) => version === racer.version),
    },
  ]);
  return steps.sort((a, b) => a.atMs - b.atMs || orderOf(a) - orderOf(b));
}

/** Where a racer stands at a moment, milliseconds since the first reading, and the fate that put it there. */
export function phaseAt(
  race: Race,
  racer: Racer,
  atMs: number,
): { phase: RacerPhase; fate: RaceFate | null } {
  const nowMs = raceSpan(race).startMs + atMs;
  if (nowMs < racer.wroteAtMs) return { phase: nowMs < racer.readAtMs ? 'before' : 'pausing', fate: null };
  const fate = race.fates
    .filter(({ op, atMs: fateMs }) => op === racer.op && fateMs <= nowMs)
    .reduce<RaceFate | null>((newest, each) => (each.version > (newest?.version ?? 0) ? each : newest), null);
  if (!fate) return { phase: 'kept', fate: null };
  return { phase: fate.kind === 'lost' ? 'lost' : 'back', fate };
}

function orderOf({ kind, racer }: RaceStep): number {
  return kind === 'wrote' ? racer.version : racer.parentVersion + 0.5;
}
