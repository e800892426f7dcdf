/**
 * The script of the show: its pages by name. What a step expects of its room, and how long it should last, are rules of the
 * domain (domain/script.ts); what a presenter reads on its card follows from the room (routes/control).
 */
import type { Page } from '#lib/domain/script.ts';
import { phrase } from '#lib/language/phrase.ts';

/** One page of the script. */
export interface ScriptStep {
  /** 1 to 6; the contest is on that of the race. */
  step: number;
  title: string;
}

/** A page by its step's number, or the contest; the first for a number that is none. */
export function scriptStep(page: Page): ScriptStep {
  if (page === 'contest') return { step: 3, title: phrase('The contest') };
  const titles = [
    phrase('Doors open'),
    phrase('The safe lane'),
    phrase('The race'),
    phrase('The guardrail'),
    phrase('Back to the start'),
    phrase('What we saw'),
  ];
  const title = titles[page - 1];
  return title === undefined ? { step: 1, title: titles[0]! } : { step: page, title };
}
