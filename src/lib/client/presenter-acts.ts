/**
 * What a presenter may do in a room, over a connection that has just shown that it carries it: what is handed to a link that
 * died unnoticed would take effect when the network is back, long after everybody has forgotten the key.
 */
import type { DrillKind } from '#lib/domain/events.ts';
import type { GuessAction, GuessQuestion } from '#lib/domain/guess-questions.ts';
import { suggestedQuestion } from '#lib/domain/guess.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import type { RoomView } from './room-view.ts';
import type { Transport } from './transport.ts';

/** What is read of an act when the room was not reached: nothing waits for it anywhere, and nothing will happen later. */
export function notReachedWords(): string {
  return phrase('Not connected: nothing was changed.');
}

/** What became of a press: true when it went out, false when the room cannot be reached, and `counting` when the countdown runs. */
export type Pressed = boolean | 'counting';

/** What is read after a press of a key; empty when it did what it does. */
export function pressedWords(pressed: Pressed): string {
  if (pressed === 'counting')
    return phrase('Counting down: the page turns after the GO, and H calls it off.');
  return pressed ? '' : notReachedWords();
}

/** What the acts need of their room. */
export interface ActNeeds {
  transport: Pick<Transport, 'send' | 'reach'>;
  /** True once the room has greeted this client, until it is known that the connection is gone. */
  isConnected: () => boolean;
  /** An act that was taken never reached the room, and never will. */
  onNotReached: () => void;
}

/** Each act says false when there is no connection: nothing was sent, nothing is queued. */
export class PresenterActs {
  readonly #needs: ActNeeds;
  /** Questions to the link that are not answered yet. */
  #asking = 0;
  #leave: (() => void) | null = null;

  constructor(needs: ActNeeds) {
    this.#needs = needs;
  }

  /** Mode, step, hold or GO. A refusal comes as {@link RoomView.refusal}. `sent` is called when it went. */
  control(change: Omit<UpOf<'control'>, 't'>, sent?: () => void): boolean {
    return this.#act({ t: 'control', ...change }, sent);
  }

  /** Trips or clears the guardrail. False without a connection. */
  guardrail(action: 'trip' | 'clear'): boolean {
    return this.#act({ t: 'guardrail', action });
  }

  /**
   * Tells this show's other screens something of the stage. How a stage stands is true whenever it arrives; a wish is not.
   */
  stage(words: Omit<UpOf<'stage'>, 't'>): boolean {
    const message = { t: 'stage' as const, ...words };
    return words.is ? this.#needs.transport.send(message) : this.#act(message);
  }

  /** Opens a guess, closes it, or puts it away. */
  ask(action: GuessAction, question?: GuessQuestion): boolean {
    return this.#act({ t: 'ask', action, ...(question ? { question } : {}) });
  }

  /**
   * Cuts every socket of the room, or wakes it after a silence, to show that nothing is lost. The answer of a sleeping room is
   * measured from the asking, so nothing else is asked before.
   */
  drill(kind: DrillKind): boolean {
    const message = { t: 'drill' as const, kind };
    return kind === 'sleep' ? this.#needs.transport.send(message) : this.#act(message);
  }

  /** Hears whether the room can be reached this very moment: for acts that go another way. */
  reach(then: (isAlive: boolean) => void): void {
    const { transport, isConnected } = this.#needs;
    if (!isConnected()) return then(false);
    if (!transport.reach) return then(true);
    this.#asking += 1;
    transport.reach((isAlive) => {
      this.#asking -= 1;
      then(isAlive);
      // Not in the midst of what answered: a link that was just lost first comes to its own end.
      if (this.#asking === 0 && this.#leave) queueMicrotask(this.#leave);
    });
  }

  /**
   * Calls `leave` once nothing that was taken is still to be sent: a screen that goes to another product says so in the room
   * that it leaves, where the stage is.
   */
  finish(leave: () => void): void {
    if (this.#asking === 0) leave();
    else this.#leave = leave;
  }

  #act(message: Up, sent?: () => void): boolean {
    const { transport, isConnected, onNotReached } = this.#needs;
    if (!isConnected()) return false;
    this.reach((isAlive) => {
      if (isAlive && transport.send(message)) sent?.();
      else onNotReached();
    });
    return true;
  }
}

/** Why an act was not done, as a presenter reads it. */
export function refusedWords(refusal: NonNullable<RoomView['refusal']>): string {
  return 'message' in refusal ? refusal.message : notReachedWords();
}

type Guessing = Pick<RoomState, 'step' | 'mode' | 'lanes' | 'guess'>;

/** What to ask of the room, and the question when one is opened. */
export interface GuessTurn {
  action: GuessAction;
  question?: GuessQuestion;
}

/**
 * The next turn of the key. A result of another question than the step suggests is not in the way: its step is over, and the
 * next question takes its place.
 */
export function nextGuessTurn(view: Guessing): GuessTurn {
  const question = suggestedQuestion(view);
  const { guess } = view;
  if (guess?.open) return { action: 'close' };
  return guess?.question === question ? { action: 'drop' } : { action: 'open', question };
}

/** Takes that turn in a room. False without a connection: nothing is sent, as with every key. */
export function askNextGuess(
  room: { ask: (action: GuessAction, question?: GuessQuestion) => boolean },
  view: Guessing,
): boolean {
  const { action, question } = nextGuessTurn(view);
  return room.ask(action, question);
}
