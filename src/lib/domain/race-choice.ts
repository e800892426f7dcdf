/**
 * Which of many races is looked at first: the one whose pair shows best what a lost update is. All races are true; in some of
 * them nobody sees it, as where one read 22 and wrote 23, and the other read 23 and wrote 24.
 */
import { bothRead, duelOf } from './race-duel.ts';
import type { ToldDuel } from './race-duel.ts';
import type { Race, Racer } from './race.ts';

/** What makes a pair easy to see, the most important first: a race that has the first is before all that lack it. */
const EASY: readonly ((pair: Pair) => boolean)[] = [
  // Both read the same version: the gap between reading and writing is all that happened.
  ({ duel }) => bothRead(duel) !== null,
  // By their clocks, too, both had read before either wrote, and the erased one wrote first.
  ({ erased, by }) => erased.wroteAtMs <= by.wroteAtMs && by.readAtMs <= erased.wroteAtMs,
  ({ duel }) => duel.backBy === null,
  ({ erased, by }) => erased.who !== by.who,
  // Nothing lies between the two writes, and nothing else vanished by it: the counter says it without further words.
  ({ erased, by }) => by.version === erased.version + 1,
  ({ duel }) => duel.effect?.lost === 1 && duel.effect.restored === 0,
  ({ erased, by }) => erased.wroteAllocated === by.wroteAllocated,
];

interface Pair {
  duel: ToldDuel;
  erased: Racer;
  by: Racer;
}

/** The race of the newest one's epoch whose pair is easiest to see, of equal ones the newest; null when there is none. */
export function clearestRace(races: readonly Race[]): Race | null {
  const epoch = races.at(-1)?.epoch;
  let clearest: { race: Race; ease: number } | null = null;
  for (const race of races) {
    if (race.epoch !== epoch) continue;
    const ease = easeOf(race);
    if (!clearest || ease >= clearest.ease) clearest = { race, ease };
  }
  return clearest?.race ?? null;
}

function easeOf(race: Race): number {
  const duel = duelOf(race);
  const erased = race.racers.find(({ op }) => op === race.erased);
  const by = race.racers.find(({ op }) => op === race.by);
  if (!duel || !erased || !by) return -1;
  return EASY.reduce((ease, has) => 2 * ease + (has({ duel, erased, by }) ? 1 : 0), 0);
}
