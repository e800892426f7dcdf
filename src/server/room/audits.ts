/** The audit of a live room: the log replayed from the first event, and the eventual lane recounted from D1's rows. */
import { Audit } from '#lib/domain/audit.ts';
import type { AuditClaims, D1Epoch } from '#lib/domain/audit-claims.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { newestVersion } from '#lib/domain/lineage.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import { RoomAuditor } from './auditor.ts';
import type { Costs, RoomContext } from '#lib/room/context.ts';
import { linesBetween, own } from '#lib/room/tables.ts';
import type { StoredLane } from '../lanes/stored-lane.ts';
import { walk } from './log-lines.ts';

/** Events read at once: more than in the live audit's slices, because a caller waits. */
const EVENTS_AT_ONCE = 5_000;

/** Pause after an audit, as a multiple of its duration, because anybody may ask and sales come first. */
const REST = 4;

/** A caller that waits for an audit. */
interface Waiting {
  resolve: (result: AuditResult) => void;
  reject: (error: unknown) => void;
}

/** Audits of a room, one at a time. Callers during an audit share the next one, which begins after they asked. */
export class Audits {
  /** The live audit, which runs by itself. */
  readonly live: RoomAuditor;
  readonly #room: RoomContext;
  readonly #lanes: readonly StoredLane[];
  #waiting: Waiting[] = [];
  #underWay = false;

  constructor(room: RoomContext, lanes: readonly StoredLane[], costs: Costs) {
    this.#room = room;
    this.#lanes = lanes;
    this.live = new RoomAuditor(room, lanes, costs);
  }

  /** The audit of the room as it stands now, or a moment later. */
  ask(): Promise<AuditResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (!this.#underWay) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#underWay = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      const beganMs = this.#room.commits.steady();
      try {
        const result = await auditRoom(this.#room, this.#lanes);
        for (const { resolve } of asked) resolve(result);
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
      await scheduler.wait(REST * (this.#room.commits.steady() - beganMs));
    }
    this.#underWay = false;
  }
}

/** Recomputes everything that the room claims; its memory is used only as the claim to be checked. */
async function auditRoom(room: RoomContext, lanes: readonly StoredLane[]): Promise<AuditResult> {
  // State, rows and log are of this moment; what the room does while the database is read is left out.
  const state = room.state();
  const d1Orders = await readD1(room, lanes);
  const audit = new Audit(room.ports.sha256);
  await walk({
    from: 0,
    to: state.seq,
    atOnce: EVENTS_AT_ONCE,
    take: (from, to) => {
      for (const line of linesBetween(room.ports.tables, from, to)) audit.take(own<RoomEvent>(line));
    },
    wanted: () => true,
    rest: () => scheduler.wait(0),
  });
  const claims: AuditClaims = { state, d1Orders };
  return audit.finish(claims);
}

/**
 * The engines' rows of this epoch, up to the newest version that the room knew before it asked: later ones are in flight and
 * not in the log yet.
 */
async function readD1(room: RoomContext, lanes: readonly StoredLane[]): Promise<D1Epoch[]> {
  const { opening, facts } = room.memory;
  const { epoch } = facts;
  const rowsOf = async (lane: StoredLane): Promise<D1Epoch> => {
    const heard = newestVersion(ofLane(facts.lanes, lane.id).lineage);
    const { writes, spent } = await lane.writesAfter({ show: opening.show, sku: opening.sku.id, epoch }, 0);
    room.memory.meters.add(spent);
    const rows = writes.map(({ write }) => write).filter(({ version }) => version <= heard);
    return { lane: lane.id, epoch, rows };
  };
  return Promise.all(lanes.map(rowsOf));
}
