/** What a bot came to, in words. Every figure is a count of its own answers, or of the log. */
import { phrase } from '#lib/language/phrase.ts';
import { count } from './format.ts';
import { refusedFor } from './refusal-words.ts';

/** A bot drill as it is drawn. Times in milliseconds. */
export interface BotView {
  /** Its name in the log; empty when the door kept it out. */
  label: string;
  /** How many taps it sends; 0 when the door kept it out. */
  taps: number;
  /** From its first tap to the newest answer, and the taps that the limit lets through in that time. */
  ms: number;
  allowed: number;
  /** Taps that bought, by the log. */
  logged: number;
  isOver: boolean;
  /** Answered so far. */
  done: number;
  /** Past the limit; of them bought, told that nothing is left, and not decided yet. */
  admitted: number;
  bought: number;
  soldOut: number;
  pending: number;
  /** Refused by the limit. */
  limited: number;
  /** Refused for another reason, or without an answer. */
  others: readonly { code: string; times: number }[];
}

/** A part of the taps: how many, and what became of them. */
export interface BotPart {
  kind: 'bought' | 'soldOut' | 'pending' | 'limited' | 'other';
  times: number;
  words: string;
}

/** Taps that bought although the limit had no token for them: there must be none. */
export function boughtBeyond({ bought, allowed }: BotView): number {
  return Math.max(0, bought - allowed);
}

/** True when what was measured is what the limit promises, and the log agrees. */
export function botHolds(view: BotView): boolean {
  return view.admitted <= view.allowed && view.logged === view.bought;
}

/** What it did, in one sentence. */
export function botTitle({ taps, done, ms, isOver }: BotView): string {
  if (taps === 0) return phrase('A bot without a token: the check at the door kept it out.');
  const seconds = secondsOf(ms);
  return isOver
    ? phrase(`A bot: ${count(taps)} taps in ${seconds} s, one session.`)
    : phrase(`A bot: ${count(done)} of ${count(taps)} taps answered, ${seconds} s.`);
}

/** What became of its taps, without the parts that are empty. */
export function botParts({ bought, soldOut, pending, limited, others }: BotView): BotPart[] {
  const parts: BotPart[] = [
    { kind: 'bought', times: bought, words: phrase('bought') },
    { kind: 'soldOut', times: soldOut, words: refusedFor('OUT_OF_STOCK') },
    { kind: 'pending', times: pending, words: phrase('not decided yet') },
    { kind: 'limited', times: limited, words: refusedFor('RATE_LIMITED') },
    ...others.map(({ code, times }) => ({ kind: 'other' as const, times, words: refusedFor(code) })),
  ];
  return parts.filter(({ times }) => times > 0);
}

/** The limit, in its own figures, and how many came through. */
export function limitWords({ ms, allowed, admitted }: BotView): string {
  return phrase(
    `The limit: 200 taps at once, 200 a minute. In ${secondsOf(ms)} s that is ${count(allowed)}; ${count(admitted)} came through.`,
  );
}

/** What the log says of it. */
export function logWords({ bought, logged }: BotView): string {
  return logged === bought
    ? phrase(`The log says the same: ${count(logged)} bought.`)
    : phrase(`The log says otherwise: ${count(logged)} bought.`);
}

/** What became of its taps, in one sentence. */
export function botCounts(view: BotView): string {
  const parts = botParts(view).map(({ times, words }) => `${count(times)} ${words}`);
  return `${[...parts, phrase(`${count(boughtBeyond(view))} bought beyond the limit`)].join(', ')}.`;
}

/** Everything that the picture shows, in a few sentences. */
export function botSummary(view: BotView): string {
  if (view.taps === 0) return botTitle(view);
  const log = view.isOver ? [logWords(view)] : [];
  return [botTitle(view), botCounts(view), limitWords(view), ...log].join(' ');
}

/** Seconds, cut to a tenth. */
function secondsOf(ms: number): string {
  return (Math.trunc(ms / 100) / 10).toFixed(1);
}
