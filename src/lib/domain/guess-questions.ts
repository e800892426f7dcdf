/** Questions and actions of a guess, as literals, for modules that need nothing else of it. */

/** The questions: a closed list, because each is compared with a figure that the room measures. */
export const GUESS_QUESTIONS = ['safe-sold', 'eventual-promised', 'eventual-lost'] as const;
/** One of {@link GUESS_QUESTIONS}. */
export type GuessQuestion = (typeof GUESS_QUESTIONS)[number];

/** What a presenter can do: open a guess, close it (which shows the answers), or drop it. */
export const GUESS_ACTIONS = ['open', 'close', 'drop'] as const;
/** One of {@link GUESS_ACTIONS}. */
export type GuessAction = (typeof GUESS_ACTIONS)[number];
