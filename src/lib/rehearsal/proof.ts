/** What a rehearsed room can show of itself: its log, as lines and as a file, and a recount of it. */
import { Audit } from '#lib/domain/audit.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { fileText } from '#lib/domain/log.ts';
import { logHeader } from '#lib/room/log-header.ts';
import type { RoomCore } from '#lib/room/room-core.ts';
import { linesBetween } from '#lib/room/tables.ts';
import type { MemoryLane } from './memory-lane.ts';
import { sha256Hex } from './sha256.ts';

/** The log so far: the line of event `seq` at `seq − 1`. */
export function linesOf({ ports, memory }: RoomCore): string[] {
  return linesBetween(ports.tables, 0, memory.facts.seq);
}

/** Recounts a room from its log, its state, and the rows of the lane's table. */
export function auditOf(core: RoomCore, { id, orders }: MemoryLane): AuditResult {
  const audit = new Audit(sha256Hex);
  for (const line of linesOf(core)) audit.take(JSON.parse(line) as RoomEvent);
  const epochs = Array.from({ length: core.memory.facts.epoch }, (_, index) => index + 1);
  const d1Orders = epochs.map((epoch) => ({ lane: id, epoch, rows: orders.get(epoch) ?? [] }));
  return audit.finish({ state: core.state(), d1Orders });
}

/** The log as a file. Its header says that nothing in it happened to anybody. */
export function exportOf(core: RoomCore, seed: number): string {
  const { head, seq } = core.memory.facts;
  const header = logHeader(core.memory, core.ports.now(), {
    simulated: true,
    simulatedWhat: 'SIMULATED: a rehearsal in one browser. No server, no database, no money.',
    seed,
  });
  return fileText([JSON.stringify(header), ...linesOf(core), JSON.stringify({ head, seq }), ''].join('\n'));
}
