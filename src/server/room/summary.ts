/**
 * The room's summary, made from its stored log and never from its memory. Totals are kept, so that asking again reads only new
 * events; after a wake it reads from the first event.
 */
import type { RoomEvent } from '#lib/domain/events.ts';
import { byLane, idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import type { RoomContext } from '#lib/room/context.ts';
import { ExportSlots } from './export-slots.ts';
import { linesBetween, own } from '#lib/room/tables.ts';

/** Events of one slice: some milliseconds of work, between which the room sells. */
const EVENTS_AT_ONCE = 1_000;

/** The summary of the room so far, read incrementally from its stored log. */
export class Summary {
  readonly #room: RoomContext;
  readonly #totals = new RoomTotals();
  /** Slots for readers of the whole log. */
  readonly exports = new ExportSlots();
  /** One reads at a time; callers meanwhile find the totals up to date. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(room: RoomContext) {
    this.#room = room;
  }

  /** The summary up to the newest event. */
  make(): Promise<RoomSummary> {
    const made = this.#last.then(() => this.#make());
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #make(): Promise<RoomSummary> {
    const totals = this.#totals;
    const { tables } = this.#room.ports;
    for (;;) {
      // Read in the same step as the last lines: figures and state are of one moment.
      const { seq } = this.#room.memory.facts;
      const last = Math.min(totals.seq + EVENTS_AT_ONCE, seq);
      for (const line of linesBetween(tables, totals.seq, last)) totals.take(own<RoomEvent>(line));
      if (totals.seq >= seq) return totals.summary(this.#measured());
      if (totals.seq < last) throw new Error(`event ${totals.seq + 1} of ${seq} is not stored`);
      await scheduler.wait(0);
    }
  }

  #measured(): Parameters<RoomTotals['summary']>[0] {
    const { lanes, ledger } = this.#room.state();
    const { realUsd, limitUsd, locked } = ledger;
    return {
      latency: byLane(idsIn(lanes), (lane) => ofLane(lanes, lane).latency),
      mostPhones: this.#room.memory.mostPhones,
      inFlight: lanesIn(lanes).reduce((sum, [, { inFlight }]) => sum + inFlight, 0),
      money: { realUsd, limitUsd, locked },
    };
  }
}
