/**
 * Nobody is left without an answer, and nobody buys who did not ask: each op that was sent has a final answer, and each
 * allocation of the log is one that its owner asked for, in that size, and was told of.
 */
import type { Allocation, Evidence, History, Violation } from '../evidence.ts';

interface Asked {
  who: string;
  sizes: Set<number>;
  /** Lanes that answered `allocated`. */
  granted: Set<string>;
  last: 'nothing' | 'pending' | 'allocated' | 'refused';
}

/** Counts the ops whose last answer was a refusal, and the allocations that nobody was told of. */
export function checkTold({ histories, settled = true }: Evidence, allocations: readonly Allocation[]) {
  const found: Violation[] = [];
  const broken = (sentence: string) => found.push({ rule: 'told', sentence });
  const ops = new Map<string, Asked>();
  for (const history of histories) followOps(history, ops, broken);
  let refused = 0;
  for (const [op, { last, who }] of ops) {
    if (last === 'refused') refused += 1;
    if (settled && (last === 'nothing' || last === 'pending')) {
      broken(`${op} of ${who} has no final answer: ${last}`);
    }
  }
  let unheard = 0;
  for (const { op, who, units, lane, sim } of allocations) {
    if (sim) continue;
    const asked = ops.get(op);
    if (asked?.who !== who || !asked.sizes.has(units)) {
      broken(`${units} units of ${op} went to ${who}, who did not ask for them`);
    } else if (settled && !asked.granted.has(lane)) {
      unheard += 1;
      broken(`${op} was done on ${lane}, and ${who} was never told`);
    }
  }
  return { violations: found, refused, unheard };
}

function followOps({ who, entries }: History, ops: Map<string, Asked>, broken: (text: string) => void): void {
  for (const { note } of entries) {
    if (note.kind === 'tap') {
      const asked = ops.get(note.op) ?? { who, sizes: new Set(), granted: new Set(), last: 'nothing' };
      asked.sizes.add(note.units);
      ops.set(note.op, asked);
      continue;
    }
    if ((note.kind !== 'ack' && note.kind !== 'nack') || note.op === null) continue;
    const asked = ops.get(note.op);
    // Every screen of a person hears the answer; the one that asked is in the same history or in another of theirs.
    if (!asked) continue;
    if (note.kind === 'nack') {
      asked.last = asked.last === 'allocated' ? 'allocated' : 'refused';
      continue;
    }
    const statuses = Object.entries(note.lanes).map(([lane, answer]) => ({ lane, ...answer }));
    for (const { lane, status, units } of statuses) {
      if (!asked.sizes.has(units))
        broken(`${note.op} was answered for ${units} units, which nobody asked for`);
      if (status === 'allocated') asked.granted.add(lane);
    }
    const has = (wanted: string) => statuses.some(({ status }) => status === wanted);
    if (statuses.length === 0) broken(`${note.op} was answered without any lane`);
    asked.last = has('pending') ? 'pending' : has('allocated') ? 'allocated' : 'refused';
  }
}
