/** What a room can be asked, and what a presenter does with it: the words alone, for those who need no more than them. */

/** Everything that can be asked: a closed list, because each is held against a figure that the room measures. */
export const GUESS_QUESTIONS = ['safe-sold', 'eventual-promised', 'eventual-lost'] as const;
/** See {@link GUESS_QUESTIONS}. */
export type GuessQuestion = (typeof GUESS_QUESTIONS)[number];

/** What a presenter does with a guess: ask, take no more answers and show them, put it away. */
export const GUESS_ACTIONS = ['open', 'close', 'drop'] as const;
/** See {@link GUESS_ACTIONS}. */
export type GuessAction = (typeof GUESS_ACTIONS)[number];
