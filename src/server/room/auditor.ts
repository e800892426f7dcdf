/**
 * The live audit: runs when something has changed and a presenter is there, at most every few seconds while the room changes,
 * and once when it has settled. A silent room has no timer of it. Results go to presenters' screens; a check that does not
 * hold is an incident, written as an event.
 */
import { Auditor, incidentsOf } from '#lib/domain/auditor.ts';
import type { AuditReport } from '#lib/domain/auditor.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { lookAtRows, Recount } from './audit-recount.ts';
import type { Cancel, Costs, RoomContext, RoomPart } from '#lib/room/context.ts';
import { linesBetween } from '#lib/room/tables.ts';
import type { StoredLane } from '../lanes/stored-lane.ts';
import { walk } from './log-lines.ts';
import { sendTo } from '#lib/room/connections.ts';
import type { Connection } from '#lib/room/connections.ts';
import type { Transaction } from '#lib/room/transaction.ts';

/** Events that a look takes at once: some ten milliseconds of hashing and counting. */
export const EVENTS_AT_ONCE = 250;
/** Between two such slices, milliseconds: the room has the thread for twice as long as the audit. */
const REST_MS = 20;
/** While the room changes, an audit follows the first change that is not audited by this, milliseconds. */
const MOVING_MS = 5_000;
/** Time after the newest change at which a room has settled, if its cost was told, which comes last, milliseconds. */
const QUIET_MS = 300;
/** The same if its cost was not told, milliseconds: cost is told within a second or not at all. */
const COST_TOLD_MS = 1_200;
/** Shortest time between the end of an audit and the next one, milliseconds. */
const APART_MS = 2_000;

/** Audits the room by itself while it changes, in short slices of its thread. */
export class RoomAuditor implements RoomPart {
  readonly #room: RoomContext;
  readonly #costs: Costs;
  #auditor: Auditor;
  /** The event that the auditor has reached. */
  #reached = 0;
  /** Of the lanes that keep their rows elsewhere. */
  readonly #recounts: readonly Recount[];
  #timer: Cancel | null = null;
  #looking = false;
  /** When the first change that is not audited came, steady milliseconds; null when there is none. */
  #firstChangeMs: number | null = null;
  /** The newest change other than `cost`, and whether `cost` was told since. */
  #newestChangeMs = 0;
  #costTold = false;
  #endedMs = -Infinity;
  #newest: AuditReport | null = null;

  constructor(room: RoomContext, lanes: readonly StoredLane[], costs: Costs) {
    this.#room = room;
    this.#costs = costs;
    this.#auditor = new Auditor(room.ports.sha256);
    this.#recounts = lanes.filter(({ id }) => LANES[id].hasLineage).map((lane) => new Recount(room, lane));
  }

  told({ appended }: Transaction): void {
    if (appended.length === 0) return;
    const nowMs = this.#room.commits.steady();
    this.#firstChangeMs ??= nowMs;
    // One pass without a closure: a commit of a crowd has hundreds of events.
    let costs = 0;
    for (const { event } of appended) if (event.kind === 'cost') costs += 1;
    this.#costTold = costs > 0;
    if (costs < appended.length) this.#newestChangeMs = nowMs;
    this.#arm();
  }

  /** Sends the newest result to a new presenter's socket, if there is one. */
  greeted(connection: Connection): void {
    if (this.#newest && connection.caller.role === 'presenter') sendTo(connection, textOf(this.#newest));
  }

  /** True while a presenter's socket is open. */
  #isWatched(): boolean {
    return this.#room.ports.connections.people().stages > 0;
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = null;
    if (this.#looking || this.#firstChangeMs === null || !this.#isWatched()) return;
    const waitMs = this.#dueMs() - this.#room.commits.steady();
    if (waitMs <= 0) void this.#look();
    else this.#timer = this.#room.ports.after(waitMs, () => this.#arm());
  }

  /** When the next audit is due, steady milliseconds. */
  #dueMs(): number {
    const quietMs = this.#newestChangeMs + (this.#costTold ? QUIET_MS : COST_TOLD_MS);
    const settled = Math.max(quietMs, this.#endedMs + APART_MS);
    return Math.min(settled, (this.#firstChangeMs ?? Infinity) + MOVING_MS);
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#firstChangeMs = null;
    try {
      const report = await this.#audit();
      if (report) this.#tell(report);
    } catch (error) {
      this.#room.failed(error, 'audit_failed');
    }
    this.#endedMs = this.#room.commits.steady();
    this.#looking = false;
    this.#arm();
  }

  /** One audit of state and log as of its beginning; null when nobody needs it any more. */
  async #audit(): Promise<AuditReport | null> {
    const state = this.#room.state();
    const { epoch, seq } = state;
    if (seq < this.#reached) this.#startOver();
    const { tables } = this.#room.ports;
    this.#reached = await walk({
      from: this.#reached,
      to: seq,
      atOnce: EVENTS_AT_ONCE,
      take: (from, to) => {
        for (const line of linesBetween(tables, from, to)) this.#auditor.takeLine(line);
      },
      wanted: () => this.#isWatched(),
      rest: () => scheduler.wait(REST_MS),
    });
    if (this.#reached < seq) return null;
    const settled = Object.values(state.lanes).every(({ inFlight }) => inFlight === 0);
    const orders = (lane: LaneId) => this.#auditor.orders(lane);
    const counted = await lookAtRows(this.#recounts, { orders, epoch, seq, settled });
    if (counted.spent) this.#store();
    return this.#auditor.report(state, counted.standing);
  }

  /**
   * Stores the meters of what was read: with the next tick, or at once when none is due, so that hibernation does not lose
   * them. A row of its own for every audit would cost more than the rows that the audit reads.
   */
  #store(): void {
    if (this.#costs.isComing) return;
    if (this.#firstChangeMs !== null) return this.#costs.handled();
    this.#room.commits.submit({ run: (tx) => tx.saveFully(), failed: () => undefined });
  }

  #startOver(): void {
    this.#auditor = new Auditor(this.#room.ports.sha256);
    this.#reached = 0;
  }

  #tell(report: AuditReport): void {
    this.#newest = report;
    const text = textOf(report);
    for (const connection of this.#room.ports.connections.ofRole('presenter')) sendTo(connection, text);
    if (incidentsOf(report.checks, this.#room.memory.facts.incidents).length === 0) return;
    this.#room.commits.submit({
      run: (tx) => {
        const { facts } = tx.memory;
        // Findings of an earlier epoch are dropped; the current epoch is audited anew.
        if (facts.epoch !== report.epoch || facts.closed) return;
        for (const body of incidentsOf(report.checks, facts.incidents)) tx.append({ kind: 'incident', body });
      },
      failed: (error) => this.#room.failed(error, 'incident_failed'),
    });
  }
}

function textOf(report: AuditReport): string {
  return JSON.stringify({ t: 'audit', ...report });
}
