/**
 * The eventual lane loses what its lineage says, no more and no less. Each write has a parent; the ancestors of the newest
 * write are the stored ones, all others are lost. Recounted from the log, and from the database's rows when given.
 */
import type { Allocation, Evidence, OrderRow, Told, Violation } from '../evidence.ts';

type Broken = (sentence: string) => void;

export function checkLineage({ log, orders }: Evidence, allocations: readonly Allocation[]): Violation[] {
  const found: Violation[] = [];
  const broken: Broken = (sentence) => found.push({ rule: 'lineage', sentence });
  const logged = allocations.filter(({ lane }) => lane === 'eventual').map((each) => asRow(each, broken));
  if (orders) compareRows(orders, logged, broken);
  const epochs = new Set([...logged, ...(orders ?? [])].map(({ epoch }) => epoch));
  for (const epoch of epochs) {
    const inEpoch = (rows: readonly OrderRow[]) =>
      rows.filter((row) => row.epoch === epoch).sort((a, b) => a.version - b.version);
    // The database's word when there is one: it is not the room's.
    const rows = inEpoch(orders ?? logged);
    checkWrites(rows, broken);
    const kept = ancestors(rows);
    checkFates(
      log.events.filter((event) => event.epoch === epoch),
      rows,
      kept,
      broken,
    );
    const units = (of: readonly OrderRow[]) => of.reduce((sum, row) => sum + row.units, 0);
    const stored = units(rows.filter(({ version }) => kept.has(version)));
    const newest = rows.at(-1)?.wroteAllocated ?? 0;
    if (stored !== newest) broken(`epoch ${epoch}: ${stored} units on the chain, ${newest} stored`);
    const lost = units(rows.filter(({ version }) => !kept.has(version)));
    const acknowledged = units(inEpoch(logged));
    if (lost !== acknowledged - newest) {
      broken(`epoch ${epoch}: ${lost} lost by lineage, ${acknowledged} - ${newest} by count`);
    }
  }
  return found;
}

function asRow(allocation: Allocation, broken: Broken): OrderRow {
  const { op, epoch, who, units, parentVersion, version, readAllocated, wroteAllocated } = allocation;
  if (
    parentVersion === undefined ||
    version === undefined ||
    readAllocated === undefined ||
    wroteAllocated === undefined
  ) {
    broken(`event ${allocation.seq} does not say what it read and wrote`);
  }
  const [parent = 0, made = 0, read = 0, wrote = 0] = [parentVersion, version, readAllocated, wroteAllocated];
  return {
    op,
    epoch,
    who,
    units,
    parentVersion: parent,
    version: made,
    readAllocated: read,
    wroteAllocated: wrote,
  };
}

const FIELDS = [
  'epoch',
  'who',
  'units',
  'parentVersion',
  'version',
  'readAllocated',
  'wroteAllocated',
] as const;

function compareRows(orders: readonly OrderRow[], logged: readonly OrderRow[], broken: Broken): void {
  const byOp = new Map(logged.map((row) => [row.op, row]));
  for (const row of orders) {
    const event = byOp.get(row.op);
    byOp.delete(row.op);
    if (!event) broken(`the database has a write of ${row.op}, the log has none`);
    const other = event && FIELDS.find((field) => event[field] !== row[field]);
    if (other) broken(`${row.op}: ${other} is ${row[other]} in the database, ${event[other]} in the log`);
  }
  for (const op of byOp.keys()) broken(`the log has a write of ${op}, the database has none`);
}

/** Versions are dense, and each write stored what its parent had stored, and its own units. */
function checkWrites(rows: readonly OrderRow[], broken: Broken): void {
  const wrote = new Map([[0, 0], ...rows.map((row) => [row.version, row.wroteAllocated] as const)]);
  for (const [index, row] of rows.entries()) {
    const { op, epoch, version, parentVersion, readAllocated, wroteAllocated, units } = row;
    if (version !== index + 1) broken(`epoch ${epoch}: write ${index + 1} is version ${version}`);
    if (parentVersion >= version) broken(`${op} made version ${version} of ${parentVersion}`);
    if (wrote.get(parentVersion) !== readAllocated) {
      broken(`${op} read ${readAllocated} as version ${parentVersion}, which is ${wrote.get(parentVersion)}`);
    }
    if (wroteAllocated !== readAllocated + units) {
      broken(`${op} read ${readAllocated}, added ${units} and wrote ${wroteAllocated}`);
    }
  }
}

/** Versions that the newest one is built on, itself included. */
function ancestors(rows: readonly OrderRow[]): Set<number> {
  const parents = new Map(rows.map(({ version, parentVersion }) => [version, parentVersion]));
  const kept = new Set<number>();
  let version = rows.at(-1)?.version ?? 0;
  while (version > 0 && !kept.has(version)) {
    kept.add(version);
    version = parents.get(version) ?? 0;
  }
  return kept;
}

/** What the log told of lost and restored ops comes out as the lineage does. */
function checkFates(
  events: readonly Told[],
  rows: readonly OrderRow[],
  kept: ReadonlySet<number>,
  broken: Broken,
): void {
  const lost = new Set<unknown>();
  for (const { kind, seq, body } of events) {
    if (kind === 'lost' && lost.has(body['op'])) broken(`event ${seq}: lost twice`);
    if (kind === 'restored' && !lost.has(body['op'])) broken(`event ${seq}: restored, and was not lost`);
    if (kind === 'lost') lost.add(body['op']);
    if (kind === 'restored') lost.delete(body['op']);
  }
  for (const { op, version } of rows) {
    if (lost.has(op) !== !kept.has(version)) {
      broken(`${op} is ${kept.has(version) ? 'on' : 'off'} the chain, and was told otherwise`);
    }
    lost.delete(op);
  }
  for (const op of lost) broken(`${String(op)} was told lost, and was never written`);
}
