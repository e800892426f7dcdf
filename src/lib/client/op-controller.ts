/**
 * A client's ops: takes taps, sends each under one op id until the room has answered, measures round trips, and keeps the
 * resulting tickets. A tap that cannot be sent at once is not taken.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import { tappedLanes } from '#lib/domain/lane.ts';
import type { LaneResults, Mode, Tapped } from '#lib/domain/lane.ts';
import type { You } from '#lib/protocol/down.ts';
import type { Up } from '#lib/protocol/up.ts';
import type { OpenOp } from './outbox.ts';
import { Outbox } from './outbox.ts';
import type { TapResult } from './room-view.ts';
import { Unreported } from './round-trips.ts';
import type { Report } from './round-trips.ts';
import type { Cancel, Clock, Later, Store } from './surroundings.ts';
import { TicketBook } from './ticket-book.ts';

/** How often an op is sent again after BUSY before its owner is told. */
const BUSY_TRIES = 5;
/** Pause after a BUSY that names none, milliseconds. */
const BUSY_PAUSE_MS = 500;

/** Taps a second: below the room's 20 messages, so that reports and repeats fit beside them. */
const TAPS_PER_SECOND = 14;
/** Time between ops that are sent again, milliseconds, so that a full outbox is no flood. */
const REPEAT_SPACING_MS = 120;

/** What the ops need from outside. */
export interface OpNeeds {
  clock: Clock;
  later: Later;
  /** Where open ops outlive a reload: one tab's own store. */
  store: Store;
  uuid: () => string;
  /** 0 ≤ x < 1. */
  random: () => number;
  /** Name of the room, to keep one room's ops apart from another's. */
  room: string;
  /** False when there is no open connection. */
  send: (message: Up) => boolean;
  /** Asks whether the link is still alive. */
  checkLink: () => void;
}

/** Takes taps, sends each as an op until it is answered, measures round trips, and keeps the tickets. */
export class OpController {
  readonly tickets = new TicketBook();
  readonly trips = new Unreported();
  #isOpen = false;
  /** Of the show; never others for as long as it lives. */
  #lanes: Tapped['lanes'] = {};
  #cancelRepeat: Cancel | null = null;
  readonly #pace = new Pace();
  readonly #outbox: Outbox;
  readonly #needs: OpNeeds;

  constructor(needs: OpNeeds) {
    this.#needs = needs;
    this.#outbox = new Outbox(needs.store, needs.room);
  }

  /** Sends one tap, or says why it was not taken. */
  tap(order: { units: number; epoch: number; mode: Mode }): TapResult {
    if (!this.#isOpen) return 'offline';
    const tappedAtMs = this.#needs.clock.monotonic();
    if (!this.#pace.admit(tappedAtMs)) return 'tooFast';
    const open = this.#outbox.add({ ...order, op: this.#needs.uuid(), tappedAtMs });
    if (!this.#ask(open, this.trips.next)) {
      this.#outbox.settle(open.op);
      return 'offline';
    }
    this.trips.sent();
    this.#show(open);
    this.#planRepeat();
    return 'sent';
  }

  /** Takes a welcome: its holdings replace the tickets, and open ops are sent again. */
  welcome({ id, holdings }: You, epoch: number, lanes: Tapped['lanes']): void {
    this.#isOpen = true;
    this.#lanes = lanes;
    const takenUp = this.#outbox.claim(id);
    this.#outbox.keepOnly(epoch);
    for (const open of takenUp) if (this.#outbox.get(open.op)) this.#show(open);
    this.tickets.hold(holdings);
    const now = this.#needs.clock.monotonic();
    this.#outbox.ops.forEach((open, place) => {
      open.dueAtMs = now + place * REPEAT_SPACING_MS;
    });
    this.#repeatDue();
  }

  /** The connection is gone: taps are refused until the next welcome. */
  disconnected(): void {
    this.#isOpen = false;
    this.#cancelRepeat?.();
  }

  /** Another epoch began. True when tickets were taken away by it. */
  newEpoch(epoch: number): boolean {
    const hadTickets = !this.tickets.isEmpty;
    this.tickets.clear();
    this.#outbox.keepOnly(epoch);
    return hadTickets;
  }

  /** The room's answer to an op; lanes may be answered one after the other, and each is timed by itself. */
  answered(op: string, lanes: LaneResults): void {
    const open = this.#outbox.get(op);
    const results = Object.values(lanes);
    const isBusy = results.length > 0 && results.every((lane) => lane.code === 'BUSY');
    if (open && isBusy && this.#waitForRoom(open, BUSY_PAUSE_MS)) return;
    const rttMs = open && open.tappedAtMs !== null ? this.#needs.clock.monotonic() - open.tappedAtMs : null;
    this.tickets.answer(op, lanes, rttMs);
    if (!this.tickets.isAnswered(op)) return;
    this.#outbox.settle(op);
    if (open) this.trips.measured(op, this.tickets.roundTripsOf(op));
  }

  /** The room refused an op as a whole. False when no such op is open here. */
  refused(op: string, refusal: Refusal): boolean {
    const open = this.#outbox.get(op);
    if (!open) return false;
    const pauseMs = refusal.retryAfterMs ?? BUSY_PAUSE_MS;
    if (refusal.code === 'BUSY' && this.#waitForRoom(open, pauseMs)) return true;
    // Sent before, it may have been admitted before the end: its answer comes, or is asked for when everybody has left.
    if (refusal.code === 'SHOW_ENDED' && open.asked > 1) return true;
    this.#outbox.settle(op);
    this.tickets.refuse(op, refusal);
    return true;
  }

  #show({ op, units, mode }: OpenOp): void {
    this.tickets.open(op, units, tappedLanes({ mode, lanes: this.#lanes }));
  }

  /** Schedules the next try of an op after BUSY; false after {@link BUSY_TRIES}. */
  #waitForRoom(open: OpenOp, pauseMs: number): boolean {
    if (open.busy >= BUSY_TRIES) return false;
    open.busy += 1;
    // Every client got the same pause; a random part keeps them from returning in the same instant.
    open.dueAtMs = this.#needs.clock.monotonic() + pauseMs * (1 + this.#needs.random() / 2);
    open.answeredBusy = true;
    this.#planRepeat();
    return true;
  }

  #planRepeat(): void {
    this.#cancelRepeat?.();
    const due = this.#outbox.nextDueMs;
    if (due === null || !this.#isOpen) return;
    const waitMs = Math.max(0, due - this.#needs.clock.monotonic());
    this.#cancelRepeat = this.#needs.later(() => {
      this.#repeatDue();
    }, waitMs);
  }

  #repeatDue(): void {
    const now = this.#needs.clock.monotonic();
    const due = this.#outbox.ops.filter((open) => open.dueAtMs <= now);
    // An op without an answer may mean that the link is broken.
    if (due.some((open) => open.asked > 0 && !open.answeredBusy)) this.#needs.checkLink();
    // No report of round trips: it was part of the first sending.
    for (const open of due) this.#ask(open, null);
    this.#planRepeat();
  }

  #ask(open: OpenOp, rtt: Report | null): boolean {
    const { op, units, epoch, mode } = open;
    this.#outbox.sent(open, this.#needs.clock.monotonic());
    return this.#needs.send({ t: 'allocate', op, units, epoch, mode, ...(rtt ? { rtt } : {}) });
  }
}

/** Counts what was sent within the last second: whoever floods is cut off, and a tap that is cut off helps nobody. */
class Pace {
  #sentAt: number[] = [];

  /** True, and counted, when one more may be sent now. */
  admit(nowMs: number): boolean {
    this.#sentAt = this.#sentAt.filter((at) => nowMs - at < 1_000);
    if (this.#sentAt.length >= TAPS_PER_SECOND) return false;
    this.#sentAt.push(nowMs);
    return true;
  }
}
