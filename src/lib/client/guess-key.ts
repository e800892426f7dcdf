/** What the one key of a guess does next: ask, close, put away, and ask again. */
import { suggestedQuestion } from '#lib/domain/guess.ts';
import type { GuessAction, GuessQuestion } from '#lib/domain/guess-questions.ts';
import type { RoomState } from '#lib/domain/room-state.ts';

/** What to ask of the room, and the question when one is opened. */
export interface GuessTurn {
  action: GuessAction;
  question?: GuessQuestion;
}

/**
 * The next turn of the key. A result of another question than the step suggests is not in the way: its step is over, and the
 * next question takes its place.
 */
export function nextGuessTurn({ step, mode, guess }: Pick<RoomState, 'step' | 'mode' | 'guess'>): GuessTurn {
  const question = suggestedQuestion(step, mode);
  if (guess?.open) return { action: 'close' };
  return guess?.question === question ? { action: 'drop' } : { action: 'open', question };
}

/** Takes that turn in a room. False without a connection: nothing is sent, as with every key. */
export function askNextGuess(
  room: { ask: (action: GuessAction, question?: GuessQuestion) => boolean },
  view: Pick<RoomState, 'step' | 'mode' | 'guess'>,
): boolean {
  const { action, question } = nextGuessTurn(view);
  return room.ask(action, question);
}
