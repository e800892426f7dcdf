/** What a presenter reads of an act that did not do what it was meant to. */
import type { RoomView } from './room-view.ts';

/** The room was not reached: nothing waits for it anywhere, and nothing will happen later. */
export const NOT_REACHED = 'Not connected: nothing was changed.';

/** Why an act was not done. */
export function refusedWords(refusal: NonNullable<RoomView['refusal']>): string {
  return 'message' in refusal ? refusal.message : NOT_REACHED;
}
