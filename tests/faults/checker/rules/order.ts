/**
 * Real time is respected: whatever anybody had been told before an op was first sent comes before that op in the log.
 * On the safe lane that is linearizability (an op answered before another was sent has the smaller `seq`); it holds for
 * every lane, because an allocation takes its place in the log after it was asked for.
 */
import type { Allocation, Evidence, Note, Violation } from '../evidence.ts';

export function checkOrder({ histories }: Evidence, allocations: readonly Allocation[]): Violation[] {
  const seqs = new Map<string, number[]>();
  for (const { op, seq } of allocations) seqs.set(op, [...(seqs.get(op) ?? []), seq]);
  const entries = histories
    .flatMap(({ who, entries: own }) => own.map(({ order, note }) => ({ order, note, who })))
    .sort((a, b) => a.order - b.order);
  const found: Violation[] = [];
  const sent = new Set<string>();
  let known = 0;
  for (const { note, who } of entries) {
    if (note.kind !== 'tap') {
      known = Math.max(known, newestIn(note));
      continue;
    }
    if (sent.has(note.op)) continue;
    sent.add(note.op);
    const early = (seqs.get(note.op) ?? []).find((seq) => seq <= known);
    if (early !== undefined) {
      const sentence = `${note.op} of ${who} is event ${early}, and was sent when event ${known} had been told`;
      found.push({ rule: 'order', sentence });
    }
  }
  return found;
}

function newestIn(note: Note): number {
  if (note.kind === 'welcome' || note.kind === 'frame') return note.seq;
  if (note.kind !== 'ack') return 0;
  return Math.max(0, ...Object.values(note.lanes).map(({ seq = 0 }) => seq));
}
