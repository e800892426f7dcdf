/** Who waits for an op to be settled: each is answered once, with the end of it or, after a while, with `pending`. */
import type { OpAnswer } from './buying.ts';

/** How long whoever waits is kept waiting before it hears that the outcome is not known yet, milliseconds. */
const ANSWER_PATIENCE_MS = 5_000;

/** Takes an answer. */
type Answer = (answer: OpAnswer) => void;

/** See the module's comment. */
export class Waiters {
  readonly #byOp = new Map<string, { answer: Answer; timer: ReturnType<typeof setTimeout> | null }>();

  /** Somebody waits for an op; `late` is called when it has taken too long, unless the end is all that they can hear. */
  add(op: string, answer: Answer, late: (() => void) | null): void {
    this.#byOp.set(op, { answer, timer: late && setTimeout(late, ANSWER_PATIENCE_MS) });
  }

  /** Who waits for an op, from now on no more. */
  take(op: string): Answer | undefined {
    const waiter = this.#byOp.get(op);
    if (waiter?.timer) clearTimeout(waiter.timer);
    this.#byOp.delete(op);
    return waiter?.answer;
  }
}
