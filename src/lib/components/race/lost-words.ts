/**
 * A lost update in sentences. Every clause is a fact of the log: a reading is called shared only where both read the same
 * version, and how many vanished is said only where it is known. Names and numbers are marked (pieces.ts).
 */
import { bothRead } from '#lib/domain/race-duel.ts';
import type { ToldDuel } from '#lib/domain/race-duel.ts';
import type { WriteEffect } from '#lib/domain/race.ts';
import type { Witness } from '#lib/domain/witness.ts';
import { phrase } from '#lib/language/phrase.ts';
import { numberIn, plainOf, whoIn } from './pieces.ts';

/** What the sentences need to know. */
export interface LostUpdate extends Pick<
  Witness,
  'lostWho' | 'lostUnits' | 'lostWrote' | 'byWho' | 'byWrote' | 'bothRead'
> {
  /** Whose write brought it back, empty where that is not known; null while it is lost. */
  backBy: string | null;
  /** All that the erasing write did; null where only this one op is told. */
  effect: WriteEffect | null;
}

/** What the two did, sentence by sentence, and what was lost by it. */
export interface LostStory {
  told: [string, string];
  gone: string[];
}

/** A duel as the sentences take it. */
export function lostByDuel(duel: ToldDuel): LostUpdate {
  const { erased, by, backBy, effect } = duel;
  return {
    lostWho: erased.who,
    lostUnits: erased.units,
    lostWrote: erased.wroteAllocated,
    byWho: by.who,
    byWrote: by.wroteAllocated,
    bothRead: bothRead(duel),
    backBy,
    effect,
  };
}

/** A witness as the sentences take it: one op, whatever else its eraser did. */
export function lostByWitness({ restored, ...witness }: Witness): LostUpdate {
  return { ...witness, backBy: restored ? '' : null, effect: null };
}

/** The sentences of a lost update. */
export function lostStory(lost: LostUpdate): LostStory {
  const told = lost.bothRead === null ? unseen(lost) : shared(lost, lost.bothRead);
  return { told, gone: [goneWords(lost), ...backWords(lost)] };
}

/** All of them as one text, for lists and screen readers. */
export function lostSentence(lost: LostUpdate): string {
  const { told, gone } = lostStory(lost);
  return [...told, ...gone].join(' ');
}

/** The same without marks. */
export function lostText(lost: LostUpdate): string {
  return plainOf(lostSentence(lost));
}

/** What the newest and all before it came to, on the lane of a race. `lostUnits` are missing from its counter now. */
export function sumWords(lostUnits: number, inFlight: number): string {
  if (lostUnits === 0) return phrase('Nothing is missing now: what had vanished came back');
  const n = numberIn(lostUnits);
  if (lostUnits === 1) {
    return inFlight > 0
      ? phrase(`${n} unit vanished this way so far`)
      : phrase(`${n} unit vanished this way`);
  }
  return inFlight > 0
    ? phrase(`${n} units vanished this way so far`)
    : phrase(`${n} units vanished this way`);
}

/** Which of all races this is, and how long its pair took from the first reading to the last write, milliseconds. */
export function whichWords(number: number, last: number, spanMs: number): string {
  const [at, of, ms] = [numberIn(number), numberIn(last), numberIn(spanMs)];
  return number === last
    ? phrase(`the newest, ${ms} ms from first read to last write`)
    : phrase(`race ${at} of ${of}, ${ms} ms from first read to last write`);
}

/** What is said besides where the clocks of the two writers have their writes in another order than the database made them. */
export function clockWords(): string {
  return phrase('By their clocks the writes were sent the other way round: the database’s own order counts.');
}

/** Both had read the same version. */
function shared({ lostWho, lostWrote, byWho, byWrote }: LostUpdate, read: number): [string, string] {
  const [a, b, r, first, second] = [
    whoIn(lostWho),
    whoIn(byWho),
    numberIn(read),
    numberIn(lostWrote),
    numberIn(byWrote),
  ];
  const alone = lostWho === byWho;
  const both = alone ? phrase(`Two taps of ${a} both read ${r}.`) : phrase(`${a} and ${b} both read ${r}.`);
  if (lostWrote === byWrote) return [both, phrase(`Both wrote ${second}.`)];
  const wrote = alone
    ? phrase(`One wrote ${first}, then the other wrote ${second} over it.`)
    : phrase(`${a} wrote ${first}, then ${b} wrote ${second} over it.`);
  return [both, wrote];
}

/** The later one had read a version that did not have the other's write in it, whatever number it said. */
function unseen({ lostWho, lostWrote, byWho, byWrote }: LostUpdate): [string, string] {
  const [a, b, first, second] = [whoIn(lostWho), whoIn(byWho), numberIn(lostWrote), numberIn(byWrote)];
  const over =
    lostWho === byWho
      ? phrase(`Another tap of ${a} had not seen that, and wrote ${second} over it.`)
      : phrase(`${b} had not seen that, and wrote ${second} over it.`);
  return [phrase(`${a} wrote ${first}.`), over];
}

/** What vanished: with its eraser's other doings where they are known, else of this one op alone. */
function goneWords({ lostWho, lostUnits, effect }: LostUpdate): string {
  const [a, units] = [whoIn(lostWho), numberIn(lostUnits)];
  if (!effect) {
    return lostUnits === 1 ? phrase(`${a}’s sale vanished.`) : phrase(`${a}’s sale of ${units} vanished.`);
  }
  const [lost, restored] = [numberIn(effect.lost), numberIn(effect.restored)];
  if (effect.lost > 1) {
    return effect.restored === 0
      ? phrase(`${lost} sales vanished.`)
      : phrase(`${lost} sales vanished, ${restored} came back.`);
  }
  if (effect.restored > 1) return phrase(`One sale vanished, ${restored} came back.`);
  if (effect.restored === 1) return phrase('One sale vanished, another came back.');
  return lostUnits === 1 ? phrase('One sale vanished.') : phrase(`One sale of ${units} vanished.`);
}

function backWords({ lostWho, backBy, effect }: LostUpdate): string[] {
  if (backBy === null) return [];
  if (backBy === '') return [phrase('A later write brought it back.')];
  const [a, c] = [whoIn(lostWho), whoIn(backBy)];
  const isAlone = !effect || (effect.lost === 1 && effect.restored === 0);
  return [
    isAlone
      ? phrase(`A later write of ${c} brought it back.`)
      : phrase(`A later write of ${c} brought ${a}’s back.`),
  ];
}
