/**
 * The script of the show: for each step what the audience sees, what to say, and what to teach. Texts state no figure that
 * the show measures or the operator sets, because the screens show those. What a step expects of its room, and how long it
 * should last, are rules of the domain (domain/script.ts).
 */

/** The words of one step. */
interface StepWords {
  title: string;
  sees: string;
  say: string;
  teach: string;
}

/** One step of the script. */
export interface ScriptStep extends StepWords {
  /** 1 to 6. */
  step: number;
}

const WORDS: readonly StepWords[] = [
  {
    title: 'Doors open',
    sees: 'The code, the phones coming in, a full shelf, and a cost meter at zero behind its lock. The time left of this session.',
    say: 'Scan it, and you are a shopper. Nothing you do here can cost a cent: the lock refuses the first one before it is spent.',
    teach:
      'I came in past a check for bots and carry a signed session: no call needs a look-up, and what is kept of it expires by itself. The spending limit is exactly zero, so a charge is refused rather than reported.',
  },
  {
    title: 'The safe lane',
    sees: 'Cells fill one by one and stop at the line. The answer times come from the phones, with the number of taps behind them.',
    say: 'Now hammer it. When the shelf is empty it is empty: the last one goes to exactly one of you.',
    teach:
      'One Durable Object owns this stock. It checks, counts, writes and answers in a single step with nothing in between, so there is no moment for two shoppers to meet in.',
  },
  {
    title: 'The race',
    sees: 'The solid line crosses what exists; the dotted counter stays behind. Struck cells are updates that were lost, hatched ones were sold on top.',
    say: 'Same shelf, same thumbs. This time every purchase reads the stock, thinks for a moment, and writes back what it believed. You are not unlucky. You are concurrent.',
    teach:
      'Read, pause, write back: the second writer erases the first. The database did what it was told, and a conditional write would have held. The gap between reading and writing is the fault.',
  },
  {
    title: 'The guardrail',
    sees: 'The banner lights up as the virtual cost passes its threshold. Real spend stays at zero, and the lines go on moving.',
    say: 'That is what this minute would stand for at full load, with everybody we could not serve. And this is what it cost us: look left.',
    teach:
      'The virtual cost is an estimate: counted operations at list price, times the load they stand for, plus the units owed. The guardrail warns in every answer; the lock is what blocks.',
  },
  {
    title: 'Back to the start',
    sees: 'A full shelf again, counters at zero, every phone still connected. A second reset right after is refused, with the time to wait.',
    say: 'One button, and all of you are back at the start together. Once more? No. Resets are rationed, so that nobody can wipe a bad run away.',
    teach:
      'A reset is a barrier: every tap falls wholly before it, or is refused as stale. Asked twice with the same key, it happens once. The log keeps both sides of it.',
  },
  {
    title: 'What we saw',
    sees: 'Nothing spent. A safe lane that stopped at the line, an eventual lane that did not, and the people whose updates were lost, by name.',
    say: 'Do not believe me. The log of this room is yours: recount it at your desk, and look up your own ticket.',
    teach:
      'What held was neither speed nor luck, but one owner for the state and one step for the decision. The audit recounts the show from its log, and the database lane from its rows.',
  },
];

/** All steps, in their order. */
export const SCRIPT: readonly ScriptStep[] = WORDS.map((words, place) => ({ step: place + 1, ...words }));

/** A step by its number; the first for a number that is none. */
export function scriptStep(step: number): ScriptStep {
  return SCRIPT[step - 1] ?? SCRIPT[0]!;
}

/** What is said, sentence by sentence: a prompter sets each on a line of its own. */
export function sentencesOf(say: string): string[] {
  return say.split(/(?<=[.?!]) /);
}
