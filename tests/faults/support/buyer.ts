/** A buyer's own book: what was sent and not answered, and every final answer. An op has one, and keeps it. */
import { randomUUID } from 'node:crypto';
import type { LaneId, LaneResults } from '#lib/domain/lane.ts';
import type { Holding } from '#lib/domain/room-state.ts';
import type { DownOf } from '#lib/protocol/down.ts';

/** An op that has no final answer yet. */
export interface Tap {
  op: string;
  epoch: number;
  units: number;
  /** Monotonic milliseconds, and place in the order that all phones share. */
  atMs: number;
  order: number;
  sends: number;
  /** It was answered `pending`: the room knows it and owes the rest. */
  pending: boolean;
}

/** The final answer to an op. */
export interface Receipt {
  tap: Tap;
  /** From the tap to this answer. */
  ms: number;
  order: number;
  epoch: number;
  lanes: LaneResults;
  /** Code of a refusal before any lane saw it. */
  code: string | null;
}

let order = 0;

/** Holds every answer against the ones before it, and notes in `broken` what was not as promised. */
export class Buyer {
  readonly outbox = new Map<string, Tap>();
  readonly receipts = new Map<string, Receipt>();
  readonly nacks: DownOf<'nack'>[] = [];
  /** Everything that was not as promised. */
  readonly broken: string[] = [];
  /** Ops that were sent again after a resume, and ops that were answered `pending` first. */
  resent = 0;
  pendingAnswers = 0;
  /** Times that it was told again what it had been told. */
  repeated = 0;

  /** Every allocation that this phone was told of. */
  granted(): { epoch: number; lane: LaneId; op: string; units: number; seq: number }[] {
    return [...this.receipts.values()].flatMap(({ tap, epoch, lanes }) =>
      (Object.entries(lanes) as [LaneId, LaneResults[LaneId] & object][])
        .filter(([, { status }]) => status === 'allocated')
        .map(([lane, { units, seq = 0 }]) => ({ epoch, lane, op: tap.op, units, seq })),
    );
  }

  /** Notes a new op, made in an epoch. */
  protected intend(epoch: number, units: number): Tap {
    const tap = {
      op: randomUUID(),
      epoch,
      units,
      atMs: performance.now(),
      order: (order += 1),
      sends: 0,
      pending: false,
    };
    this.outbox.set(tap.op, tap);
    return tap;
  }

  /** Holds what the room says this buyer has against what it had acknowledged. */
  protected compareHoldings(epoch: number, holdings: readonly Holding[]): void {
    const held = new Set(holdings.map(({ lane, op, seq }) => `${lane} ${op} ${seq}`));
    for (const granted of this.granted()) {
      const { lane, op, seq } = granted;
      if (granted.epoch === epoch && !held.has(`${lane} ${op} ${seq}`)) {
        this.broken.push(`${op} was acknowledged on ${lane} as ${seq}, and is not held`);
      }
    }
  }

  protected acknowledged({ op, epoch, lanes }: DownOf<'ack'>): void {
    const earlier = this.receipts.get(op);
    if (earlier && isGrant(earlier.lanes)) {
      const [first, now] = [earlier.lanes, lanes].map((answer) => JSON.stringify(answer));
      if (first !== now) this.broken.push(`${op} was answered ${first}, then ${now}`);
      this.repeated += 1;
      return;
    }
    // What was refused and came again is decided anew.
    const tap = this.outbox.get(op) ?? earlier?.tap;
    if (!tap) return void this.broken.push(`an answer to ${op}, which nobody asked for`);
    if (Object.values(lanes).some(({ status }) => status === 'pending')) {
      if (!tap.pending) this.pendingAnswers += 1;
      tap.pending = true;
      return;
    }
    this.#final(tap, { epoch, lanes, code: null });
  }

  protected refused(message: DownOf<'nack'>): void {
    this.nacks.push(message);
    const tap = message.op === undefined ? undefined : this.outbox.get(message.op);
    if (tap) this.#final(tap, { epoch: tap.epoch, lanes: {}, code: message.code });
  }

  #final(tap: Tap, answer: Pick<Receipt, 'epoch' | 'lanes' | 'code'>): void {
    this.outbox.delete(tap.op);
    this.receipts.set(tap.op, { tap, ms: performance.now() - tap.atMs, order: (order += 1), ...answer });
  }
}

function isGrant(lanes: LaneResults): boolean {
  return Object.values(lanes).some(({ status }) => status === 'allocated');
}
