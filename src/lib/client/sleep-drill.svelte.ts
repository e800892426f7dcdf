/** The sleep drill as a page's live state: a thin shell of runes around {@link SleepDrill}. */
import type { PresentedRoom } from './presented-room.svelte.ts';
import { SleepDrill } from './sleep-drill.ts';
import type { SleepPhase } from './sleep-drill.ts';
import { browserClock, browserLater } from './surroundings.ts';

/** Make one in the browser only, and {@link LiveSleepDrill.cancel} it when its page goes. */
export class LiveSleepDrill {
  #phase = $state.raw<SleepPhase>({ kind: 'idle' });
  readonly #drill: SleepDrill;

  constructor(room: PresentedRoom) {
    this.#drill = new SleepDrill({
      room,
      clock: browserClock,
      later: browserLater,
      onChange: (phase) => {
        this.#phase = phase;
      },
    });
  }

  get phase(): SleepPhase {
    return this.#phase;
  }
  get isRunning(): boolean {
    return ['asking', 'silent', 'waking'].includes(this.#phase.kind);
  }

  start(): void {
    this.#drill.start();
  }
  cancel(): void {
    this.#drill.cancel();
  }
}
