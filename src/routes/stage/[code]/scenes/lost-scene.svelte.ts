/** Whether a lost update lies over the stage, and whether somebody asked for it or it came by itself. */
import { lostLook, LostMoment } from '#lib/client/lost-moment.ts';
import type { RaceBook } from '#lib/domain/race.ts';
import type { RoomState } from '#lib/domain/room-state.ts';

/** What else the stage shows: `over` closes a lost update, `beside` only keeps one from coming by itself. */
export type Else = 'over' | 'beside' | null;

/** Opens and closes it. Make one while a component is made. */
export class LostScene {
  #shown = $state.raw<'asked' | 'itself' | null>(null);

  /** @param races are made from the log, and grow in place. */
  constructor(view: () => RoomState | null, races: () => RaceBook, shown: () => Else) {
    const isOver = $derived(shown() === 'over');
    $effect(() => {
      if (isOver) this.close();
    });
    const look = () => {
      const now = view();
      // A dialog has a question, or is this very scene.
      const isCovered = shown() !== null || document.querySelector('dialog[open]') !== null;
      return now && lostLook(now, races(), { isCovered, isShown: this.#shown !== null });
    };
    $effect(() => new LostMoment().watch(look, () => (this.#shown = 'itself')));
  }

  /** Null while there is none. */
  get shown(): 'asked' | 'itself' | null {
    return this.#shown;
  }

  /** The presenter asks for it. */
  ask(): void {
    this.#shown = 'asked';
  }

  /** It goes. */
  close(): void {
    this.#shown = null;
  }
}
