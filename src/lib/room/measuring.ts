/** Takes the round trips that phones report, and writes `latency` events. */
import { idsIn } from '#lib/domain/by-lane.ts';
import { lanesOf } from '#lib/domain/lane.ts';
import { isLatencyDue, takeReport, untoldLatency } from '#lib/domain/round-trip.ts';
import type { UpOf } from '#lib/protocol/up.ts';
import type { Connection } from './connections.ts';
import type { RoomMemory } from './memory.ts';
import type { RoomContext } from './context.ts';
import type { Transaction } from './transaction.ts';

/** The round trips of an op, as a client reports them. */
type Report = NonNullable<UpOf<'seen'>['rtt']>;

/** Takes a report. True when a round trip of it counts; false behind the end, and when it is of no allocated op of this client. */
export function measured(room: RoomContext, connection: Connection, { op, lanes }: Report): boolean {
  const { memory, ports } = room;
  // What phones measured was told with the end.
  if (memory.facts.closed) return false;
  const known = memory.ops.get(op);
  if (known?.owner !== connection.caller.sessionId) return false;
  const nowMs = ports.now();
  const counted = takeReport(memory.latency, memory.facts, known, lanes, nowMs, nowMs - connection.metAtMs);
  for (const lane of counted) {
    // Round trips on a lane that answers later measure its database, not the room.
    if (ports.lanes.get(lane)?.answers === 'now') ports.load.lag.told(lanes[lane] ?? 0);
  }
  return counted.length > 0;
}

/**
 * The `rttMs` of an older client as a report: of its previous op, on the lane that answered last. Of a contest it does not say
 * which that was.
 */
export function reportOf(memory: RoomMemory, connection: Connection, rttMs: number): Report | null {
  const known = connection.previousOp === null ? undefined : memory.ops.get(connection.previousOp);
  if (!known || known.mode === 'contest') return null;
  const lane = lanesOf(known.mode, idsIn(memory.facts.lanes)).at(-1);
  return lane ? { op: known.op, lanes: { [lane]: rttMs } } : null;
}

/** Writes a `latency` event if anything was measured since the last one. */
export function appendLatency(tx: Transaction): void {
  const { latency, mostPhones, facts } = tx.memory;
  const body = untoldLatency(latency, mostPhones, facts);
  if (body) tx.append({ kind: 'latency', body });
}

/** The same, at most once a minute. */
export function appendLatencyWhenDue(tx: Transaction): void {
  if (isLatencyDue(tx.memory.facts, tx.nowMs)) appendLatency(tx);
}
