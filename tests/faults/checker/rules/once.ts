/** Acknowledged means done, once: each allocation that anybody was told stands in the log as told, and only once. */
import type { Allocation, Evidence, LaneAnswer, Violation } from '../evidence.ts';

const keyOf = ({ lane, op }: { lane: string; op: string }) => `${lane} ${op}`;
const shapeOf = (given: { seq: number; epoch: number; units: number; who: string }) =>
  `${given.epoch}/${given.seq}, ${given.units} to ${given.who}`;

/** Counts what clients were told of, what of that the log lacks, and what it has twice. */
export function checkOnce({ histories }: Evidence, allocations: readonly Allocation[]) {
  const found: Violation[] = [];
  const broken = (sentence: string) => found.push({ rule: 'once', sentence });
  const logged = new Map<string, string>();
  let doubled = 0;
  for (const allocation of allocations) {
    const key = keyOf(allocation);
    if (logged.has(key)) {
      doubled += 1;
      broken(`${key} was done as ${logged.get(key)} and again as ${shapeOf(allocation)}`);
    } else logged.set(key, shapeOf(allocation));
  }
  const told = new Map<string, string>();
  const lost = new Set<string>();
  for (const { who, epoch, op, lane, answer } of answersOf(histories)) {
    const key = keyOf({ lane, op });
    if (answer.status === 'refused' && told.has(key)) {
      broken(`${key} was allocated, and then refused with ${answer.code}`);
    }
    if (answer.status !== 'allocated') continue;
    const shape = shapeOf({ seq: answer.seq ?? 0, epoch, units: answer.units, who });
    const before = told.get(key);
    if (before !== undefined && before !== shape) broken(`${key} was answered ${before}, and then ${shape}`);
    told.set(key, shape);
    if (logged.get(key) === shape) continue;
    lost.add(key);
    broken(`${key} was acknowledged as ${shape}; the log has ${logged.get(key) ?? 'nothing of it'}`);
  }
  return { violations: found, acknowledged: told.size, lost: lost.size, doubled };
}

/** Every answer that came, in the order in which they came, taken apart by lane. */
function* answersOf(
  histories: Evidence['histories'],
): Iterable<{ who: string; epoch: number; op: string; lane: string; answer: LaneAnswer }> {
  for (const { who, entries } of histories) {
    for (const { note } of entries) {
      if (note.kind !== 'ack') continue;
      const { op, epoch } = note;
      for (const [lane, answer] of Object.entries(note.lanes)) yield { who, epoch, op, lane, answer };
    }
  }
}
