/**
 * The audit that a rehearsal's stage shows: the same look that a live room takes at itself, over the events since the last
 * one and every row of the table. A rehearsal tells no incidents: a red line on the screen is all that it has to say.
 */
import { Auditor } from '#lib/domain/auditor.ts';
import type { AuditReport } from '#lib/domain/auditor.ts';
import { RowsRecount } from '#lib/domain/auditor-rows.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomContext, RoomPart } from '#lib/room/context.ts';
import { sendTo } from '#lib/room/connections.ts';
import type { Connection } from '#lib/room/connections.ts';
import { linesBetween } from '#lib/room/tables.ts';
import type { Transaction } from '#lib/room/transaction.ts';
import type { MemoryLane } from './memory-lane.ts';
import { sha256Hex } from './sha256.ts';

/** A look follows a change after this, milliseconds. */
const LOOK_AFTER_MS = 1_000;

/** Audits a rehearsed room for its stage: its new events, and every row of its table. */
export class Watch implements RoomPart {
  readonly #room: RoomContext;
  readonly #lane: MemoryLane;
  readonly #auditor = new Auditor(sha256Hex);
  #reached = 0;
  /** What was found last; null before the first look. */
  #newest: AuditReport | null = null;
  #isComing = false;

  constructor(room: RoomContext, lane: MemoryLane) {
    this.#room = room;
    this.#lane = lane;
  }

  told({ appended }: Transaction): void {
    if (appended.length === 0 || this.#isComing) return;
    this.#isComing = true;
    this.#room.ports.after(LOOK_AFTER_MS, () => {
      this.#isComing = false;
      this.#look();
    });
  }

  greeted(connection: Connection): void {
    if (this.#newest && connection.caller.role === 'presenter') sendTo(connection, textOf(this.#newest));
  }

  #look(): void {
    const stages = this.#room.ports.connections.ofRole('presenter');
    if (stages.size === 0) return;
    const state = this.#room.state();
    const { epoch, seq } = state;
    const { id, orders, stock } = this.#lane;
    for (const line of linesBetween(this.#room.ports.tables, this.#reached, seq))
      this.#auditor.takeLine(line);
    this.#reached = seq;
    const recount = new RowsRecount(this.#auditor.orders(id), epoch);
    for (const [of, rows] of orders) recount.take(rows.map((row) => ({ ...row, epoch: of })));
    const figure = recount.finish(ofLane(state.lanes, id).inFlight === 0, stock);
    this.#newest = this.#auditor.report(state, { newest: { figure, seq }, failed: false });
    for (const stage of stages) sendTo(stage, textOf(this.#newest));
  }
}

function textOf(report: AuditReport): string {
  return JSON.stringify({ t: 'audit', ...report });
}
