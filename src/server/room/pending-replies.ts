/**
 * Who waits for an op to be settled, and for how long ops are in flight. Each is answered once, with the end of it or, after a
 * while, with `pending`.
 */
import type { Answer } from './allocate.ts';
import type { Cancel, RoomPorts } from './context.ts';

/** How long whoever waits is kept waiting before it hears that the outcome is not known yet, milliseconds. */
const ANSWER_PATIENCE_MS = 5_000;
/** Weight of the newest flight in the typical time of flight. */
const NEWEST_WEIGHT = 0.1;

/** See the module's comment. */
export class PendingReplies {
  /** How long an op is in flight by now: a moving average of what was measured, milliseconds. */
  typicalFlightMs: number;
  readonly #ports: RoomPorts;
  readonly #byOp = new Map<string, { answer: Answer; patience: Cancel | null }>();
  /** When ops that are in flight were sent, on the room's steady clock. */
  readonly #sentAtMs = new Map<string, number>();

  /** @param typicalFlightMs as long as nothing was measured */
  constructor(ports: RoomPorts, typicalFlightMs: number) {
    this.#ports = ports;
    this.typicalFlightMs = typicalFlightMs;
  }

  /** Somebody waits for an op; `late` is called when it has taken too long, unless the end is all that they can hear. */
  add(op: string, answer: Answer, late: (() => void) | null, nowMs: number): void {
    this.#sentAtMs.set(op, nowMs);
    this.#byOp.set(op, { answer, patience: late && this.#ports.after(ANSWER_PATIENCE_MS, late) });
  }

  /** Who waits for an op, from now on no more. */
  take(op: string): Answer | undefined {
    const waiter = this.#byOp.get(op);
    waiter?.patience?.();
    this.#byOp.delete(op);
    return waiter?.answer;
  }

  /** An op is settled. One that a memory of before has sent measures nothing: what it waited for was the room. */
  landed(op: string, nowMs: number): void {
    const sentAtMs = this.#sentAtMs.get(op);
    if (sentAtMs === undefined) return;
    this.#sentAtMs.delete(op);
    this.typicalFlightMs += NEWEST_WEIGHT * (nowMs - sentAtMs - this.typicalFlightMs);
  }
}
