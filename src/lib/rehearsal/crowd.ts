/**
 * A crowd of simulated shoppers: each with a pace of their own and pauses as thumbs have them, all of it from the seed. They
 * buy through the same admission and the same lanes as everybody, one tap at a time, and come back when a room is busy. In a
 * held room they practise, as phones do.
 */
import type { Random } from './random.ts';
import { randomFor, thumbPause, uuidFrom } from './random.ts';
import { busyFor } from '#lib/room/rush.ts';
import type { Room } from './room.ts';
import type { Cancel, Schedule } from './schedule.ts';

/** Median pause between two taps of one shopper, milliseconds; each has their own between these. */
const QUICK_MS = 350;
const SLOW_MS = 1_400;
/** Shoppers look up within so long after the crowd was let in, milliseconds. */
const STARTLED_MS = 1_500;
/** Most shoppers at once, and the longest that they go on, seconds. */
export const MAX_SHOPPERS = 500;
export const MAX_SECONDS = 300;

/** What a crowd is let in with. */
export interface CrowdOrder {
  seed: number;
  shoppers: number;
  seconds: number;
}

/** How a crowd stands. */
export interface CrowdState extends CrowdOrder {
  running: boolean;
  taps: number;
}

/** The steady crowd of a rehearsed room: simulated shoppers that tap at their own pace, from a seed. */
export class Crowd {
  readonly #room: Room;
  readonly #schedule: Schedule;
  readonly #order: CrowdOrder;
  readonly #round: number;
  readonly #ended: () => void;
  #running = true;
  #taps = 0;
  readonly #plans = new Set<Cancel>();

  /**
   * @param round which crowd of this room it is, from 1: names and ids never come twice
   * @param ended called once, when it has gone
   */
  constructor(room: Room, schedule: Schedule, order: CrowdOrder, round: number, ended: () => void) {
    this.#room = room;
    this.#schedule = schedule;
    this.#order = order;
    this.#round = round;
    this.#ended = ended;
    for (let place = 1; place <= order.shoppers; place++) this.#letIn(place);
    this.#plan(order.seconds * 1_000, () => this.stop());
    room.core.peopleMoved();
  }

  /** The crowd's size and counts so far. */
  get state(): CrowdState {
    return { ...this.#order, running: this.#running, taps: this.#taps };
  }

  /** Everybody puts the phone away. What is under way is answered still. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    for (const cancel of this.#plans) cancel();
    this.#plans.clear();
    this.#room.core.peopleMoved();
    this.#ended();
  }

  #letIn(place: number): void {
    const { seed, shoppers } = this.#order;
    const digits = String(shoppers).length;
    const label = `sim-${this.#round}-${String(place).padStart(digits, '0')}`;
    const random = randomFor(seed, `${this.#room.core.memory.opening.sku.id} ${label}`);
    const paceMs = QUICK_MS * (SLOW_MS / QUICK_MS) ** random();
    this.#plan(random() * STARTLED_MS, () => this.#tap(label, random, paceMs));
  }

  #tap(label: string, random: Random, paceMs: number): void {
    this.#taps += 1;
    const op = uuidFrom(random);
    const then = () => {
      if (this.#running) this.#plan(thumbPause(random, paceMs), () => this.#tap(label, random, paceMs));
    };
    if (this.#room.practises(1)) then();
    else this.#ask(op, label, then);
  }

  #ask(op: string, label: string, then: () => void): void {
    // Marked in the log, in whatever mode the room is.
    const shopper = { op, owner: label, label, units: 1, epoch: null, mode: null, sim: true } as const;
    this.#room.buy({ ...shopper, role: 'participant' }, (answer) => {
      const waitMs = busyFor(answer);
      if (waitMs === null) then();
      else if (this.#running) this.#plan(waitMs, () => this.#ask(op, label, then));
    });
  }

  #plan(ms: number, run: () => void): void {
    const cancel = this.#schedule.after(ms, () => {
      this.#plans.delete(cancel);
      run();
    });
    this.#plans.add(cancel);
  }
}
