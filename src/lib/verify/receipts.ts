/**
 * Checks receipts: what clients were told while the show ran. A server can compute a new chain over another history, but it
 * cannot change what clients hold.
 */
import { count } from '#lib/domain/audit-findings.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { keyOfOp } from '#lib/domain/op.ts';
import type { Checks } from './checks.ts';
import type { Receipt, Receipts } from './receipts-file.ts';

/** Result of comparing receipts with the log. */
export interface ReceiptsFound {
  /** Allocations in the receipts, and how many of them the log has. */
  told: number;
  found: number;
  /** The same for hashes. */
  heads: number;
  headsFound: number;
  /** The newest event whose hash is in a receipt, which fixes everything up to it; 0 without any. */
  fixedTo: number;
}

/** Compares receipts with the events of a log. */
export class ReceiptsAuditor {
  /** Receipts of allocations, by `seq`. */
  readonly #bySeq = new Map<number, Receipt[]>();
  /** Ops that were refused for good, by lane and op. */
  readonly #refused = new Set<string>();
  readonly #heads = new Map<number, Set<string>>();
  /** Receipts of allocations without a `seq`, which nobody can look up, and of anything else with one. */
  readonly #misnumbered: Receipt[] = [];
  /** The newest `seq` in any receipt. */
  #reach = 0;
  readonly #checks: Checks;
  readonly #found: ReceiptsFound = { told: 0, found: 0, heads: 0, headsFound: 0, fixedTo: 0 };

  constructor(files: readonly Receipts[], checks: Checks) {
    this.#checks = checks;
    for (const { receipts, heads } of files) {
      const latest = new Map(receipts.map((told) => [keyOf(told), told]));
      for (const told of receipts) {
        if ((told.status === 'allocated') !== (told.seq !== undefined)) this.#misnumbered.push(told);
        if (told.status === 'allocated') this.#expect(told);
      }
      for (const [key, told] of latest) if (isFinalRefusal(told)) this.#refused.add(key);
      for (const { seq, head } of heads) this.#expectHead(seq, head);
    }
  }

  /** Takes the next event of the log. */
  take(event: RoomEvent): void {
    const { seq, kind, body } = event;
    for (const head of this.#heads.get(seq) ?? []) {
      if (head === event.hash) this.#found.headsFound += 1;
      else this.#checks.wrong('heads', `${event.hash} at ${seq}`, `${head}, as a client was told`);
    }
    this.#heads.delete(seq);
    for (const told of this.#bySeq.get(seq) ?? []) {
      if (isEventOf(told, event)) this.#found.found += 1;
      else
        this.#checks.wrong('receipts', found(event), `${words(told)} as event ${seq}, as its buyer was told`);
    }
    this.#bySeq.delete(seq);
    if (kind === 'allocated' && this.#refused.has(keyOf(body))) {
      this.#checks.wrong('receipts', found(event), `op ${body.op} refused on the ${body.lane} lane, as told`);
    }
  }

  /** Ends the log at event `lastSeq`: receipts that were not met are missing. */
  finish(lastSeq: number): ReceiptsFound {
    for (const told of this.#misnumbered) {
      const how = told.seq === undefined ? 'without a number' : `as ${told.status} with number ${told.seq}`;
      const expected = 'a number with every allocation, and with nothing else';
      this.#checks.wrong('receipts', `${words(told)}, told ${how}`, expected);
    }
    if (this.#reach > lastSeq) {
      const what = `the log ends at event ${lastSeq}: it was made before, or its end was cut off`;
      this.#checks.wrong('reach', what, `event ${this.#reach}, as a client was told`);
    }
    const { told, found, heads, headsFound } = this.#found;
    this.#checks.figure('receipts', `${found} of ${count(told, 'receipt')}`);
    this.#checks.figure('heads', `${headsFound} of ${heads}`);
    this.#checks.figure('reach', `event ${lastSeq}`);
    return this.#found;
  }

  #expect(told: Receipt): void {
    if (told.seq === undefined) {
      this.#found.told += 1;
      return;
    }
    this.#reach = Math.max(this.#reach, told.seq);
    // The answer to an op that was sent again is the same receipt.
    const others = this.#bySeq.get(told.seq) ?? [];
    if (others.some((other) => keyOf(other) === keyOf(told) && other.units === told.units)) return;
    this.#bySeq.set(told.seq, [...others, told]);
    this.#found.told += 1;
  }

  #expectHead(seq: number, head: string): void {
    this.#reach = Math.max(this.#reach, seq);
    this.#found.fixedTo = Math.max(this.#found.fixedTo, seq);
    const told = this.#heads.get(seq) ?? new Set();
    if (!told.has(head)) this.#found.heads += 1;
    this.#heads.set(seq, told.add(head));
  }
}

function keyOf({ lane, op }: { lane: string; op: string }): string {
  return `${lane} ${keyOfOp(op)}`;
}

/** False for BUSY, after which a client sends the op again and may not have got the last answer. */
function isFinalRefusal({ status, code }: Receipt): boolean {
  return status === 'refused' && code !== 'BUSY';
}

function isEventOf(told: Receipt, { kind, epoch, body }: RoomEvent): boolean {
  return (
    kind === 'allocated' && epoch === told.epoch && keyOf(body) === keyOf(told) && body.units === told.units
  );
}

function words({ op, lane, units, epoch }: Receipt): string {
  return `op ${op}, ${count(units, 'unit')} on the ${lane} lane in epoch ${epoch}`;
}

function found({ kind, epoch, seq, body }: RoomEvent): string {
  const what = kind === 'allocated' ? words({ ...body, epoch, status: 'allocated' }) : `“${kind}”`;
  return `${what} stands at ${seq}`;
}
