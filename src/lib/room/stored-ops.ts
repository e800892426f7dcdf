/** Allocated ops as a room stores them beside the events of their commit, and as it reads them back. */
import type { KnownOp } from '#lib/domain/op.ts';
import { own } from './tables.ts';

/** An op as it is stored: a tuple, because there may be a million of them. */
type StoredOp = [
  op: string,
  owner: string,
  label: string,
  units: number,
  mode: KnownOp['mode'],
  epoch: number,
  admittedAtMs: number,
  lanes: KnownOp['lanes'],
  /** How its client spelled it, where that is not the canonical form. */
  sentOp?: string,
];

/** Ops as a commit stores them; null when there are none. */
export function storedOps(ops: readonly KnownOp[]): string | null {
  if (ops.length === 0) return null;
  return JSON.stringify(
    ops.map(({ op, owner, label, units, mode, epoch, admittedAtMs, lanes, sentOp }): StoredOp => {
      const stored: StoredOp = [op, owner, label, units, mode, epoch, admittedAtMs, lanes];
      if (sentOp !== undefined) stored.push(sentOp);
      return stored;
    }),
  );
}

/** The ops that a commit has stored. */
export function opsIn(stored: string): KnownOp[] {
  return own<StoredOp[]>(stored).map(
    ([op, owner, label, units, mode, epoch, admittedAtMs, lanes, sentOp]): KnownOp => {
      const told = sentOp === undefined ? {} : { sentOp };
      return { op, ...told, owner, label, units, mode, epoch, admittedAtMs, lanes };
    },
  );
}
