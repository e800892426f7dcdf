/** The audit of a live room: its log recomputed from the first event, and the eventual lane recounted from D1's rows. */
import { createHash } from 'node:crypto';
import { startAudit } from '#lib/domain/audit.ts';
import type { AuditClaims, D1Epoch } from '#lib/domain/audit-claims.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { newestVersion } from '#lib/domain/lineage.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import { answered } from './calls.ts';
import { linesBetween } from './log-lines.ts';
import { own } from './memory.ts';
import type { OpenRoom } from './open-room.ts';
import type { RoomAnswer } from './port.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** Events that are read at once. */
const EVENTS_AT_ONCE = 5_000;

/** Recomputes everything the room claims. Nothing of the room's own memory is trusted but as the claim to be checked. */
export async function auditRoom(room: OpenRoom): Promise<RoomAnswer<AuditResult>> {
  // State, rows and log are all of this moment: while the database is read, the room goes on, and nothing of that counts.
  const state = room.state();
  const d1Orders = await readD1(room);
  const audit = startAudit({ sha256 });
  for (let seq = 0; seq < state.seq; seq += EVENTS_AT_ONCE) {
    const last = Math.min(seq + EVENTS_AT_ONCE, state.seq);
    for (const line of linesBetween(room.parts.tables, seq, last)) audit.take(own<RoomEvent>(line));
  }
  const claims: AuditClaims = { state, d1Orders };
  return answered(room, audit.finish(claims));
}

/**
 * The database's rows of this epoch, up to the newest version that the room had heard of before it asked: what is still
 * in flight then is not the log's to know yet.
 */
async function readD1(room: OpenRoom): Promise<D1Epoch[]> {
  const { opening, facts } = room.memory;
  const { epoch } = facts;
  const epochs: D1Epoch[] = [];
  for (const lane of room.parts.lanes.values()) {
    if (lane.answers !== 'later') continue;
    const heard = newestVersion(facts.lanes[lane.id].lineage);
    const { writes, spent } = await lane.writesAfter({ show: opening.show, sku: opening.sku.id, epoch }, 0);
    room.memory.meters.add(spent);
    const rows = writes.map(({ write }) => write).filter(({ version }) => version <= heard);
    epochs.push({ epoch, rows });
  }
  return epochs;
}
