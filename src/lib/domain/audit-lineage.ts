/**
 * The audit's own account of the lanes with a lineage: which writes stand in a lane's counter, kept as a chain of versions by
 * their distance from the untouched stock. A write that builds on an older version clears the chain above what it built on
 * and puts its own ancestors there: who was cleared is lost, who was put back is restored.
 */
import { assert } from './assert.ts';
import { bookOf, capacityOf } from './audit-books.ts';
import type { Books } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import type { EventBodies, EventOf, FateBody, RoomEvent } from './events.ts';
import { lanesIn } from './by-lane.ts';
import type { ByLane, LaneId } from './lane.ts';
import { LANES } from './lanes.ts';
import { isWrite } from './write.ts';
import type { Write } from './write.ts';

/** Every allocation of a lane by epoch, in version order: version `i + 1` at `i`. */
export type OrdersByEpoch = ReadonlyMap<number, readonly Write[]>;

type FateKind = 'lost' | 'restored';

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

/** Recounts the lanes with a lineage, and compares every `lost` and `restored` event with the recount. */
export class LineageAuditor {
  readonly #orders: ByLane<Map<number, Write[]>> = {};
  #lineages: ByLane<Lineage> = {};
  /**
   * False once a fate was not told. Until then each fate that is looked for costs an event of the log; after that a log
   * could have them looked for again and again, and the line does not hold anyway.
   */
  #follows = true;
  /** Fates that the newest write decided and no event has told yet, by kind and op. */
  #untold = new Map<string, FateBody>();
  #count = { writes: 0, lost: 0, restored: 0 };

  /** Every allocation of a lane, over all epochs. */
  orders(lane: LaneId): OrdersByEpoch {
    return this.#ordersOf(lane);
  }

  /** Takes an event that has been entered in the books. */
  take(event: RoomEvent, books: Books, findings: Findings): void {
    if (event.kind === 'allocated' && LANES[event.body.lane].hasLineage) this.#write(event, books, findings);
    if (event.kind === 'lost' || event.kind === 'restored')
      this.#hear(event.seq, event.kind, event.body, findings);
    if (event.kind === 'reset') {
      this.#settle(findings);
      this.#lineages = {};
      this.#follows = true;
    }
  }

  /** Ends the log and sets the figures. */
  finish(books: Books, findings: Findings): void {
    this.#settle(findings);
    let [acknowledged, stored, kept] = [0, 0, 0];
    for (const [lane, book] of lanesIn(books.lanes)) {
      if (!LANES[lane].hasLineage) continue;
      acknowledged += book.acknowledged;
      stored += book.stored;
      kept += this.#lineages[lane]?.chainUnits.at(-1) ?? 0;
    }
    const writes = count(this.#count.writes, 'write');
    findings.versions.figure = `${writes} in ${count(books.resets + 1, 'epoch')}`;
    findings.reads.figure = writes;
    findings.times.figure = writes;
    findings.writes.figure = writes;
    findings.room.figure = writes;
    findings.lost.figure = `${acknowledged - kept} = ${acknowledged} − ${stored} (${writes})`;
    findings.fates.figure = `${this.#count.lost} lost, ${this.#count.restored} restored`;
  }

  #write(event: EventOf<'allocated'>, books: Books, findings: Findings): void {
    const { seq, body } = event;
    this.#settle(findings);
    this.#count.writes += 1;
    if (!isWrite(body)) return findings.versions.wrong(`event ${seq} does not say what it read and wrote`);
    this.#times(event, findings);
    const { lane, op, who, units, parentVersion, version, readAllocated, wroteAllocated } = body;
    const lineage = (this.#lineages[lane] ??= { lane, writes: [], depths: [], chain: [], chainUnits: [] });
    const { writes, chainUnits } = lineage;
    const newest = writes.length;
    if (version !== newest + 1)
      findings.versions.wrong(`event ${seq} made version ${version} after ${newest}`);
    const order = { op, who, units, parentVersion, version, readAllocated, wroteAllocated };
    const parentWrote = parentVersion === 0 ? 0 : writes[parentVersion - 1]?.wroteAllocated;
    if (readAllocated !== parentWrote) {
      const was = parentWrote === undefined ? 'was never written' : `wrote ${parentWrote}`;
      findings.reads.wrong(`event ${seq} read ${readAllocated}; version ${parentVersion} ${was}`);
    }
    if (wroteAllocated !== readAllocated + units) {
      findings.writes.wrong(`event ${seq} read ${readAllocated}, took ${units} and wrote ${wroteAllocated}`);
    }
    if (readAllocated + units > capacityOf(books)) {
      findings.room.wrong(`event ${seq} read ${readAllocated} of ${capacityOf(books)} and took ${units}`);
    }
    const book = bookOf(books, lane);
    if (parentVersion !== newest) book.conflicts += 1;
    // A parent that was never written is wrong already; the newest version stands in for it.
    const parent = Math.min(parentVersion, newest);
    if (this.#follows) this.#extendChain(lineage, order, parent);
    writes.push(order);
    const kept = (chainUnits[parent - 1] ?? 0) + units;
    chainUnits.push(kept);
    const { acknowledged, stored } = book;
    if (kept !== stored) {
      const lost = `${acknowledged - kept} units off the chain`;
      findings.lost.wrong(`after event ${seq} ${lost}, ${acknowledged} − ${stored} by the counters`);
    }
    const orders = this.#ordersOf(lane);
    const epoch = orders.get(books.epoch);
    if (epoch) epoch.push(order);
    else orders.set(books.epoch, [order]);
  }

  #ordersOf(lane: LaneId): Map<number, Write[]> {
    return (this.#orders[lane] ??= new Map());
  }

  /** Both times are of one clock, that of the shopper. */
  #times({ seq, body: { readAtMs, wroteAtMs } }: EventOf<'allocated'>, findings: Findings): void {
    if (readAtMs === undefined || wroteAtMs === undefined) {
      findings.times.wrong(`event ${seq} does not say when it read and wrote`);
    } else if (wroteAtMs < readAtMs) {
      findings.times.wrong(`event ${seq} wrote ${readAtMs - wroteAtMs} ms before it read`);
    }
  }

  /** Puts a write on the chain, above the version it read, and notes whose fate that decides. */
  #extendChain({ lane, writes, depths, chain }: Lineage, write: Write, parent: number): void {
    const before = writes.at(-1)?.wroteAllocated ?? 0;
    const tell = (kind: FateKind, version: number): void => {
      const { op, who, units } = at(writes, version);
      this.#untold.set(`${kind} ${op}`, {
        lane,
        op,
        who,
        units,
        by: write.op,
        byWho: write.who,
        parentVersion: write.parentVersion,
        version: write.version,
        storedBefore: before,
        storedAfter: write.wroteAllocated,
      });
    };
    const back: number[] = [];
    let depth = parent === 0 ? 0 : (depths[parent - 1] ?? 0);
    let version = parent;
    while (depth > 0 && chain[depth - 1] !== version) {
      back.push(version);
      version = Math.min(at(writes, version).parentVersion, version - 1);
      depth -= 1;
    }
    const gone = chain.splice(depth);
    for (const each of gone) tell('lost', each);
    for (const each of back.reverse()) {
      tell('restored', each);
      chain.push(each);
    }
    chain.push(writes.length + 1);
    depths.push(chain.length);
    // An op that was written twice has one fate to be told for many that were looked for.
    if (this.#untold.size < gone.length + back.length) this.#follows = false;
  }

  #hear(seq: number, kind: FateKind, told: EventBodies[FateKind], findings: Findings): void {
    const key = `${kind} ${told.op}`;
    const due = this.#untold.get(key);
    this.#untold.delete(key);
    this.#count[kind] += 1;
    if (!due) {
      if (this.#follows) findings.fates.wrong(`event ${seq}: op ${told.op} was not ${kind}`);
      return;
    }
    const wrong = (Object.keys(due) as (keyof FateBody)[]).find((field) => due[field] !== told[field]);
    if (wrong) findings.fates.wrong(`event ${seq}: ${wrong} is ${told[wrong]}, not ${due[wrong]}`);
  }

  #settle(findings: Findings): void {
    for (const [key, due] of this.#untold)
      findings.fates.wrong(`${key} by version ${due.version} was not told`);
    if (this.#untold.size > 0) this.#follows = false;
    this.#untold.clear();
  }
}

function at(writes: readonly Write[], version: number): Write {
  const write = writes[version - 1];
  assert(write, `version ${version} was written`);
  return write;
}
