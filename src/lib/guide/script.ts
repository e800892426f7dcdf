/**
 * The script of the show: its six steps by name. What a step expects of its room, and how long it should last, are rules of the
 * domain (domain/script.ts); what a presenter reads on its card follows from the room (routes/control).
 */
import { phrase } from '#lib/language/phrase.ts';

/** One step of the script. */
export interface ScriptStep {
  /** 1 to 6. */
  step: number;
  title: string;
}

/** A step by its number; the first for a number that is none. */
export function scriptStep(step: number): ScriptStep {
  const titles = [
    phrase('Doors open'),
    phrase('The safe lane'),
    phrase('The race'),
    phrase('The guardrail'),
    phrase('Back to the start'),
    phrase('What we saw'),
  ];
  const title = titles[step - 1];
  return title === undefined ? { step: 1, title: titles[0]! } : { step, title };
}
