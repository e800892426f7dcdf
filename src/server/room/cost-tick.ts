/** The cost tick: what a room costs is stored, and told, at most once a second while something happens, and then not again. */
import type { Engine } from './engine.ts';
import { tellLatencyWhenDue } from './measuring.ts';
import { tellCost } from './money.ts';
import type { Refusals } from './refusals.ts';

/** Shortest time between two `cost` events, milliseconds. */
const COST_TICK_MS = 1_000;

/** See the module's comment. */
export class CostTick {
  readonly #engine: Engine;
  readonly #refusals: Refusals;
  readonly #ended: () => boolean;
  readonly #ticked: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** True while there is something to tell about costs. */
  #moved = false;

  /**
   * @param ended true once the show is over: then nothing more is told of what it costs to be read
   * @param ticked called with every tick: what is to be done about once a second while something happens
   */
  constructor(engine: Engine, refusals: Refusals, ended: () => boolean, ticked: () => void) {
    this.#engine = engine;
    this.#refusals = refusals;
    this.#ended = ended;
    this.#ticked = ticked;
  }

  /** True when a tick is coming: whatever is metered until then is stored with it. */
  get isComing(): boolean {
    return this.#timer !== null;
  }

  /** Something happened that costs: the ledger will say so within a second, and then the room falls silent. */
  spent(): void {
    this.#moved = true;
    this.handled();
  }

  /**
   * Something came in: what it cost is stored within a second, so that no sleep forgets it. It is told with the next
   * thing that happens: a tick that answered every `seen` would be seen itself, and the room would never fall silent.
   */
  handled(): void {
    if (this.#ended() || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#ticked();
      const moved = this.#moved;
      this.#moved = false;
      this.#engine.submit({
        run: (turn) => {
          const { meters } = turn.memory;
          turn.saveFully();
          // It would not have come, or not now, but for the taps before it.
          if (meters.tellsOfTaps) turn.forTaps();
          meters.settleTick();
          if (this.#ended()) return;
          tellLatencyWhenDue(turn);
          if (!moved) return;
          this.#refusals.tellIn(turn);
          tellCost(turn);
        },
        failed: () => undefined,
      });
    }, COST_TICK_MS);
  }
}
