/**
 * Callers that wait for an op to settle, and how long ops are in flight. Each caller is answered once: with the outcome or, after
 * a while, with `pending`.
 */
import type { Answer } from './allocate.ts';
import type { Cancel, RoomPorts } from './context.ts';

/** How long a caller waits before it is answered `pending`, milliseconds. */
const ANSWER_PATIENCE_MS = 5_000;
/** Weight of the newest sample in the moving average of flight times. */
const NEWEST_WEIGHT = 0.1;

/** Callers by the op that they wait for. */
export class PendingReplies {
  /** Moving average of flight times, milliseconds. */
  typicalFlightMs: number;
  readonly #ports: RoomPorts;
  readonly #byOp = new Map<string, { answer: Answer; patience: Cancel | null }>();
  /** When ops in flight were sent, on the room's steady clock, milliseconds. */
  readonly #sentAtMs = new Map<string, number>();

  /** @param typicalFlightMs as long as nothing was measured */
  constructor(ports: RoomPorts, typicalFlightMs: number) {
    this.#ports = ports;
    this.typicalFlightMs = typicalFlightMs;
  }

  /** Adds a caller; `late` is called when the op takes too long, or is null for callers that wait for the outcome. */
  add(op: string, answer: Answer, late: (() => void) | null, nowMs: number): void {
    this.#sentAtMs.set(op, nowMs);
    this.#byOp.set(op, { answer, patience: late && this.#ports.after(ANSWER_PATIENCE_MS, late) });
  }

  /** Removes and returns the caller of an op. */
  take(op: string): Answer | undefined {
    const waiter = this.#byOp.get(op);
    waiter?.patience?.();
    this.#byOp.delete(op);
    return waiter?.answer;
  }

  /** Takes the flight time of a settled op; not of one that an earlier memory sent, which includes the room's absence. */
  landed(op: string, nowMs: number): void {
    const sentAtMs = this.#sentAtMs.get(op);
    if (sentAtMs === undefined) return;
    this.#sentAtMs.delete(op);
    this.typicalFlightMs += NEWEST_WEIGHT * (nowMs - sentAtMs - this.typicalFlightMs);
  }
}
