/** What a screen and the host of a rehearsal say to each other over a port. Both are of the same build. */
import type { Call } from './calls.ts';
import type { CallAnswer } from './envelope.ts';
import type { Since } from '#lib/room/welcome.ts';
import type { Beginning } from './show.ts';

/** From a screen. `n` is a number that the screen gives a call or a connection. */
export type FromScreen =
  /** Is anybody there? Answered in the same words. */
  | { k: 'hello' }
  | { k: 'begin'; beginning: Beginning }
  | { k: 'call'; n: number; call: Call }
  | { k: 'enter'; n: number; skuId: string; token: string; resume: Since | null }
  | { k: 'say'; n: number; text: string }
  | { k: 'leave'; n: number }
  | { k: 'bye' };

/** To a screen. */
export type ToScreen =
  | { k: 'hello' }
  /** What it is in: the show as it was begun, maybe by another screen, and which life of it this is. */
  | { k: 'began'; beginning: Beginning; life: string }
  | { k: 'answer'; n: number; answer: CallAnswer }
  | { k: 'entered'; n: number }
  | { k: 'hear'; n: number; text: string }
  | { k: 'hungUp'; n: number; code: number; reason: string };

/** The part of a MessagePort that is used. */
export interface Line<Out, In> {
  postMessage(message: Out): void;
  onmessage: ((event: { data: In }) => void) | null;
  start?(): void;
  close?(): void;
}
