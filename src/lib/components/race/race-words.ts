/** Races in words, for screen readers and for the table of steps. */
import { isOwn } from '#lib/domain/engines.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { ToldDuel } from '#lib/domain/race-duel.ts';
import { isSentOutOfOrder } from '#lib/domain/race.ts';
import type { Race } from '#lib/domain/race.ts';
import type { RaceStep } from '#lib/domain/race-steps.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count } from '../format.ts';
import { lostByDuel, lostText } from './lost-words.ts';

/** Where the times of a race were measured, and what was not measured. */
export function clockWords(lane: LaneId): string {
  return isOwn(lane)
    ? phrase(
        'Each op ran in a Worker of its own. It noted, on its own clock and in whole milliseconds, when its reading had come back and when it sent its write. When the database carried a write out was not measured: the order of the writes is that of the versions it gave them.',
      )
    : phrase(
        'The ops ran side by side where the engine’s connections are held. Each noted, in whole milliseconds, when its reading had come back and when it sent its write. When the engine carried a write out was not measured: the order of the writes is that of the versions it gave them.',
      );
}

/** What an out-of-order race has to say as well; empty for others. */
export function orderWords(race: Race): string {
  return isSentOutOfOrder(race)
    ? phrase(
        'By their clocks the writes were sent in another order than the database made them in: clocks differ, or one was overtaken on its way.',
      )
    : '';
}

/** The whole picture of a duel, for those who listen. */
export function duelText(duel: ToldDuel): string {
  const { erased, by, storedBefore } = duel;
  const sim = erased.sim || by.sim ? ` ${phrase('Simulated shoppers took part.')}` : '';
  const counter = phrase(
    `The counter said ${count(storedBefore)} before that write and ${count(by.wroteAllocated)} after it.`,
  );
  return `${phrase('Lost update.')} ${lostText(lostByDuel(duel))} ${counter}${sim}`;
}

/** What a step was, in one sentence. */
export function stepWords({ kind, racer, fates }: RaceStep): string {
  const { who, parentVersion, version, readAllocated, wroteAllocated, readAtMs, wroteAtMs } = racer;
  if (kind === 'read') return phrase(`${who} read ${count(readAllocated)}, version ${count(parentVersion)}.`);
  const pause = count(Math.max(0, wroteAtMs - readAtMs));
  const done = fates.map((fate) =>
    fate.kind === 'lost'
      ? ` ${phrase(`That erased ${ownOr(fate.who, who)} ${units(fate.units)}.`)}`
      : ` ${phrase(`That brought back ${ownOr(fate.who, who)} ${units(fate.units)}.`)}`,
  );
  const wrote = phrase(`${who} wrote ${count(wroteAllocated)} after ${pause} ms, version ${count(version)}.`);
  return `${wrote}${done.join('')}`;
}

/** Who took part and how it ended, in one breath. */
export function raceText({ racers, fates, omitted }: Race): string {
  const lost = fates.filter(({ kind }) => kind === 'lost').length;
  const back = fates.length - lost;
  const cameBack = back === 0 ? '' : phrase(`, ${count(back)} came back`);
  const others = omitted === 0 ? '' : phrase(`, and ${count(omitted)} more that are not drawn`);
  const erased = lost === 1 ? phrase('1 was erased') : phrase(`${count(lost)} were erased`);
  return `${phrase(`${count(racers.length)} ops`)}${others}: ${erased}${cameBack}.`;
}

function ownOr(whose: string, who: string): string {
  return whose === who ? phrase('their own') : phrase(`${whose}’s`);
}

function units(many: number): string {
  return many === 1 ? phrase('unit') : phrase(`${count(many)} units`);
}
