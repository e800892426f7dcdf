/**
 * Ops that were sent and not answered yet. Each keeps its op id until the room has answered, across reconnects and reloads of
 * the page, so that sending it again can never buy twice. Taps without a connection are not taken.
 */
import * as v from 'valibot';
import { MODES } from '#lib/domain/lane.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { Store } from './surroundings.ts';
import { recall } from './surroundings.ts';

/** An op without its answer. */
export interface OpenOp {
  op: string;
  units: number;
  epoch: number;
  /** What the button showed. */
  mode: Mode;
  /** When it was tapped, monotonic; null when that was before a reload. */
  tappedAtMs: number | null;
  /** When to ask again unless the answer comes first, monotonic. */
  dueAtMs: number;
  /** How often it was sent, and how often the room answered that it is busy. */
  asked: number;
  busy: number;
  /** True while the room's last word on it was that it is busy: then its silence is our own doing. */
  answeredBusy: boolean;
}

const UNSENT = { dueAtMs: 0, asked: 0, busy: 0, answeredBusy: false };

/** First pause before an unanswered op is asked about again, milliseconds; it doubles up to the longest. */
const ASK_AGAIN_MS = 3_000;
const ASK_AGAIN_LONGEST_MS = 30_000;

/** Only the shape is checked: the room answers every op that is sent again, and refuses invalid ones. */
const SAVED = v.object({
  owner: v.string(),
  ops: v.array(v.object({ op: v.string(), units: v.number(), epoch: v.number(), mode: v.picklist(MODES) })),
});

/** Ops that were sent and not answered, kept over a reload. `name` is their key in the store, one for each room. */
export class Outbox {
  #ops = new Map<string, OpenOp>();
  #owner: string | null = null;
  readonly #store: Store;
  readonly #place: string;

  constructor(store: Store, name: string) {
    this.#store = store;
    this.#place = `rgl.outbox.${name}`;
  }

  /** All open ops, oldest first. */
  get ops(): OpenOp[] {
    return [...this.#ops.values()];
  }

  /** An open op by its id. */
  get(op: string): OpenOp | undefined {
    return this.#ops.get(op);
  }

  /**
   * Loads the unanswered ops of the page before its reload, if they are of the same session, and returns them. Ops of another
   * session are dropped: the room would refuse them.
   */
  claim(owner: string): OpenOp[] {
    if (this.#owner === owner) return [];
    this.#ops.clear();
    this.#owner = owner;
    const saved = recall(this.#store, this.#place, SAVED);
    for (const op of saved?.owner === owner ? saved.ops : []) {
      this.#ops.set(op.op, { ...op, ...UNSENT, tappedAtMs: null });
    }
    this.#save();
    return this.ops;
  }

  /** Adds an op that is about to be sent, and stores it. */
  add(op: Pick<OpenOp, 'op' | 'units' | 'epoch' | 'mode' | 'tappedAtMs'>): OpenOp {
    const open = { ...op, ...UNSENT };
    this.#ops.set(op.op, open);
    this.#save();
    return open;
  }

  /** Notes that the op was sent now, and when to ask again. */
  sent(open: OpenOp, nowMs: number): void {
    const pauseMs = Math.min(ASK_AGAIN_MS * 2 ** open.asked, ASK_AGAIN_LONGEST_MS);
    open.asked += 1;
    open.answeredBusy = false;
    open.dueAtMs = nowMs + pauseMs;
  }

  /** The op has its answer. */
  settle(op: string): void {
    if (this.#ops.delete(op)) this.#save();
  }

  /** Drops ops of other epochs, which the room would refuse after a reset. */
  keepOnly(epoch: number): void {
    for (const open of this.ops) if (open.epoch !== epoch) this.#ops.delete(open.op);
    this.#save();
  }

  /** Monotonic time of the next op to ask about; null when nothing is open. */
  get nextDueMs(): number | null {
    return this.#ops.size === 0 ? null : Math.min(...this.ops.map((open) => open.dueAtMs));
  }

  #save(): void {
    if (this.#ops.size === 0) return this.#store.removeItem(this.#place);
    const ops = this.ops.map(({ op, units, epoch, mode }) => ({ op, units, epoch, mode }));
    this.#store.setItem(this.#place, JSON.stringify({ owner: this.#owner, ops }));
  }
}
