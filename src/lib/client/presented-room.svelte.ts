/** A room as a presenter's page holds it: a live room, and what a presenter may do there (`presenter-acts.ts`). */
import type { DrillKind } from '#lib/domain/events.ts';
import type { GuessAction, GuessQuestion } from '#lib/domain/guess-questions.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { UpOf } from '#lib/protocol/up.ts';
import type { LiveRoomOptions } from './live-room.svelte.ts';
import { LiveRoom } from './live-room.svelte.ts';
import { PresenterActs } from './presenter-acts.ts';

/** Each act says false without a connection: nothing was sent, and nothing will be. */
export class PresentedRoom extends LiveRoom {
  constructor(options: Omit<LiveRoomOptions, 'role'>) {
    super({ ...options, role: 'presenter', presents: (needs) => new PresenterActs(needs) });
  }

  /** Mode or step. A refusal comes as {@link LiveRoom.refusal}. `sent` when it was. */
  control(change: { mode?: Mode; step?: number }, sent?: () => void): boolean {
    return this.#acts.control(change, sent);
  }
  /** True when the room can be reached this very moment. */
  reach(): Promise<boolean> {
    return new Promise((resolve) => this.#acts.reach(resolve));
  }
  /** Resets this room. */
  reset(key?: string): boolean {
    return this.#acts.reset(key);
  }
  guardrail(action: 'trip' | 'clear'): boolean {
    return this.#acts.guardrail(action);
  }
  /** Tells this show's other screens something of the stage. */
  stage(words: Omit<UpOf<'stage'>, 't'>): boolean {
    return this.#acts.stage(words);
  }
  /** Opens a guess, closes it, or puts it away. */
  ask(action: GuessAction, question?: GuessQuestion): boolean {
    return this.#acts.ask(action, question);
  }
  drill(kind: DrillKind): boolean {
    return this.#acts.drill(kind);
  }

  get #acts(): PresenterActs {
    const { acts } = this.session;
    if (!acts) throw new Error('A presenter’s session has its acts');
    return acts;
  }
}
