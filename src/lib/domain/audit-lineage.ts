/**
 * The audit's own account of the lanes with a lineage: which writes stand in a lane's counter, kept as a chain of versions by
 * their distance from the untouched stock. A write that builds on an older version clears the chain above what it built on
 * and puts its own ancestors there: who was cleared is lost, who was put back is restored.
 */
import { assert } from './assert.ts';
import { totalsOf, capacityOf, sumOf } from './audit-totals.ts';
import type { AuditContext, AuditPart } from './audit-totals.ts';
import { count } from './audit-findings.ts';
import type { EventOf, FateBody } from './events.ts';
import { lanesIn } from './by-lane.ts';
import type { ByLane, LaneId } from './lane.ts';
import { LANES } from './lanes.ts';
import { isWrite } from './write.ts';
import type { Write } from './write.ts';

/** Every allocation of a lane by epoch, in version order: version `i + 1` at `i`. */
export type OrdersByEpoch = ReadonlyMap<number, readonly Write[]>;

/** Totals of one lane in the current epoch. */
interface Lineage {
  lane: LaneId;
  /** `writes[i]` made version `i + 1`. */
  writes: Write[];
  /** Depth of each write: the number of versions from the untouched stock up to it, itself included. */
  depths: number[];
  /** The chain: the version at depth `d` is at index `d − 1`. */
  chain: number[];
  /** Units of each write and its ancestors: what the counter contains while it is the newest. */
  chainUnits: number[];
}

/** The fate of an op that a write decided. */
type Fate = { kind: 'lost' | 'restored'; body: FateBody };

/** Recounts the lanes with a lineage, and compares every `lost` and `restored` event with the recount. */
export function lineageAuditor({ totals, findings }: AuditContext): AuditPart & {
  /** Every allocation of a lane, over all epochs. */
  orders(lane: LaneId): OrdersByEpoch;
} {
  const orders: ByLane<Map<number, Write[]>> = {};
  let lineages: ByLane<Lineage> = {};
  /**
   * False once a fate was not told. Until then each fate that is looked for costs an event of the log; after that a log
   * could have them looked for again and again, and the line does not hold anyway.
   */
  let follows = true;
  /** Fates that the newest write decided and no event has told yet, by kind and op. */
  const untold = new Map<string, FateBody>();
  const told = { writes: 0, lost: 0, restored: 0 };

  const ordersOf = (lane: LaneId) => (orders[lane] ??= new Map());
  const settle = () => {
    for (const [key, due] of untold) findings.fates.wrong(`${key} by version ${due.version} was not told`);
    if (untold.size > 0) follows = false;
    untold.clear();
  };
  const hear = ({ kind, seq, body }: EventOf<'lost' | 'restored'>) => {
    const key = `${kind} ${body.op}`;
    const due = untold.get(key);
    untold.delete(key);
    told[kind] += 1;
    if (!due) {
      if (follows) findings.fates.wrong(`event ${seq}: op ${body.op} was not ${kind}`);
      return;
    }
    const wrong = (Object.keys(due) as (keyof FateBody)[]).find((field) => due[field] !== body[field]);
    if (wrong) findings.fates.wrong(`event ${seq}: ${wrong} is ${body[wrong]}, not ${due[wrong]}`);
  };
  /** Puts a write on its lane's chain, and holds what stands there then to the counters. */
  const put = (lane: LaneId, write: Write, seq: number) => {
    const lineage = (lineages[lane] ??= { lane, writes: [], depths: [], chain: [], chainUnits: [] });
    const newest = lineage.writes.length;
    holdWrite(write, lineage, seq);
    const counted = totalsOf(totals, lane);
    if (write.parentVersion !== newest) counted.conflicts += 1;
    // A parent that was never written is wrong already; the newest version stands in for it.
    const parent = Math.min(write.parentVersion, newest);
    if (follows) {
      const fates = extendChain(lineage, write, parent);
      for (const { kind, body } of fates) untold.set(`${kind} ${body.op}`, body);
      // An op that was written twice has one fate to be told for many that were looked for.
      if (untold.size < fates.length) follows = false;
    }
    lineage.writes.push(write);
    const kept = (lineage.chainUnits[parent - 1] ?? 0) + write.units;
    lineage.chainUnits.push(kept);
    const { acknowledged, stored } = counted;
    if (kept !== stored) {
      const lost = `${acknowledged - kept} units off the chain`;
      findings.lost.wrong(`after event ${seq} ${lost}, ${acknowledged} − ${stored} by the counters`);
    }
    const epoch = ordersOf(lane).get(totals.epoch);
    if (epoch) epoch.push(write);
    else ordersOf(lane).set(totals.epoch, [write]);
  };
  /** Holds what a write says of itself to the writes before it. */
  const holdWrite = (write: Write, { writes }: Lineage, seq: number) => {
    const { units, parentVersion, version, readAllocated, wroteAllocated } = write;
    if (version !== writes.length + 1) {
      findings.versions.wrong(`event ${seq} made version ${version} after ${writes.length}`);
    }
    const parentWrote = parentVersion === 0 ? 0 : writes[parentVersion - 1]?.wroteAllocated;
    if (readAllocated !== parentWrote) {
      const was = parentWrote === undefined ? 'was never written' : `wrote ${parentWrote}`;
      findings.reads.wrong(`event ${seq} read ${readAllocated}; version ${parentVersion} ${was}`);
    }
    if (wroteAllocated !== readAllocated + units) {
      findings.writes.wrong(`event ${seq} read ${readAllocated}, took ${units} and wrote ${wroteAllocated}`);
    }
    if (readAllocated + units > capacityOf(totals)) {
      findings.room.wrong(`event ${seq} read ${readAllocated} of ${capacityOf(totals)} and took ${units}`);
    }
  };
  return {
    orders: ordersOf,
    lost: hear,
    restored: hear,
    allocated({ seq, body }) {
      if (!LANES[body.lane].hasLineage) return;
      settle();
      told.writes += 1;
      if (!isWrite(body)) return findings.versions.wrong(`event ${seq} does not say what it read and wrote`);
      const { op, who, units, parentVersion, version, readAllocated, wroteAllocated, readAtMs, wroteAtMs } =
        body;
      // Both times are of one clock, that of the shopper.
      if (readAtMs === undefined || wroteAtMs === undefined) {
        findings.times.wrong(`event ${seq} does not say when it read and wrote`);
      } else if (wroteAtMs < readAtMs) {
        findings.times.wrong(`event ${seq} wrote ${readAtMs - wroteAtMs} ms before it read`);
      }
      put(body.lane, { op, who, units, parentVersion, version, readAllocated, wroteAllocated }, seq);
    },
    reset() {
      settle();
      lineages = {};
      follows = true;
    },
    finish() {
      settle();
      const { acknowledged, stored } = sumOf(totals, ({ hasLineage }) => hasLineage);
      const kept = lanesIn(lineages).reduce((sum, [, { chainUnits }]) => sum + (chainUnits.at(-1) ?? 0), 0);
      const writes = count(told.writes, 'write');
      for (const key of ['reads', 'times', 'writes', 'room'] as const) findings[key].figure = writes;
      findings.versions.figure = `${writes} in ${count(totals.resets + 1, 'epoch')}`;
      findings.lost.figure = `${acknowledged - kept} = ${acknowledged} − ${stored} (${writes})`;
      findings.fates.figure = `${told.lost} lost, ${told.restored} restored`;
    },
  };
}

/** Puts a write on the chain, above the version it read: whose fate that decides. */
function extendChain({ lane, writes, depths, chain }: Lineage, write: Write, parent: number): Fate[] {
  const back: number[] = [];
  let depth = parent === 0 ? 0 : (depths[parent - 1] ?? 0);
  let version = parent;
  while (depth > 0 && chain[depth - 1] !== version) {
    back.push(version);
    version = Math.min(at(writes, version).parentVersion, version - 1);
    depth -= 1;
  }
  const gone = chain.splice(depth);
  back.reverse();
  chain.push(...back, writes.length + 1);
  depths.push(chain.length);
  const fate = (kind: Fate['kind'], of: number): Fate => {
    const { op, who, units } = at(writes, of);
    const { op: by, who: byWho, parentVersion, version, wroteAllocated: storedAfter } = write;
    const storedBefore = writes.at(-1)?.wroteAllocated ?? 0;
    return {
      kind,
      body: { lane, op, who, units, by, byWho, parentVersion, version, storedBefore, storedAfter },
    };
  };
  return [...gone.map((each) => fate('lost', each)), ...back.map((each) => fate('restored', each))];
}

function at(writes: readonly Write[], version: number): Write {
  const write = writes[version - 1];
  assert(write, `version ${version} was written`);
  return write;
}
