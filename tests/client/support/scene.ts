/** A room's story told by hand: every event made by the domain's own rules and chained as the room chains it. */
import { createHash } from 'node:crypto';
import type { EventDraft, RoomConfig, RoomEvent } from '#lib/domain/events.ts';
import { emptyFacts, oversellDelta } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { divergence, newestVersion } from '#lib/domain/lineage.ts';
import type { Write } from '#lib/domain/write.ts';
import { chainNext } from '#lib/domain/log.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { apply } from '#lib/domain/reduce.ts';
import { blindWrite, fits } from '#lib/domain/write.ts';
import { opNo } from '../../domain/support/op.ts';

const CONFIG: RoomConfig = {
  billingScale: 1e-9,
  demoCostLimit: 0,
  virtualLoadFactor: 100_000,
  // A scene is about taps: no room would leave a crossing untold, and none comes near this.
  virtualCostThreshold: 1_000_000,
  guardrailAction: 'warn',
  raceWindowMs: 100,
};

/** Who buys, how many, and from which reading. */
export interface Buy {
  who: string;
  units?: number;
  sim?: boolean;
  op?: string;
}

/** A room that can be told what happens next. */
export class Scene {
  readonly facts = emptyFacts();
  readonly lines: string[] = [];
  readonly events: RoomEvent[] = [];
  atMs = 1_000_000;
  #ops = 0;

  constructor(capacity = 100, mode: Mode = 'safe', config: Partial<RoomConfig> = {}) {
    this.tell({
      kind: 'opened',
      body: {
        room: 'K7QM2P.ticket',
        show: 'K7QM2P',
        sku: { id: 'ticket', name: 'Concert ticket', capacity, unitPrice: 150 },
        mode,
        step: 1,
        lanes: ['safe', 'eventual'],
        config: { ...CONFIG, ...config },
        prices: pricesUsd(),
        pricesReadOn: PRICES_READ_ON,
      },
    });
  }

  /** The log as `GET /api/demo/log` answers it. */
  get ndjson(): string {
    const head = { t: 'head', seq: this.facts.seq, head: this.facts.head };
    return [JSON.stringify({ t: 'log' }), ...this.lines, JSON.stringify(head), ''].join('\n');
  }

  /** Appends one event. */
  tell(draft: EventDraft): RoomEvent {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const { event, json } = chainNext(this.facts, draft, this.atMs, sha256);
    apply(this.facts, event);
    this.events.push(event);
    this.lines.push(json);
    return event;
  }

  /** One op on the safe lane: false when it was sold out. */
  safe({ who, units = 1, sim, op = this.nextOp() }: Buy): boolean {
    const lane = ofLane(this.facts.lanes, 'safe');
    if (!fits(lane.acknowledged, this.#capacity, units)) return this.#refuse('safe');
    this.tell({
      kind: 'allocated',
      body: { lane: 'safe', op, who, units, ...(sim ? { sim: true as const } : {}) },
    });
    return true;
  }

  /** What the eventual lane reads now: hand it to {@link eventual} later, and others may have written meanwhile. */
  read(): { version: number; allocated: number } {
    const { lineage, stored } = ofLane(this.facts.lanes, 'eventual');
    return { version: newestVersion(lineage), allocated: stored };
  }

  /** One op on the eventual lane, written blindly from a reading: false when that reading was sold out. */
  eventual({ who, units = 1, sim, op = this.nextOp() }: Buy, reading = this.read()): boolean {
    const lane = ofLane(this.facts.lanes, 'eventual');
    if (!fits(reading.allocated, this.#capacity, units)) return this.#refuse('eventual');
    const write: Write = {
      op,
      who,
      units,
      parentVersion: reading.version,
      version: newestVersion(lane.lineage) + 1,
      readAllocated: reading.allocated,
      wroteAllocated: blindWrite({ ...reading, capacity: this.#capacity }, units),
    };
    const storedBefore = lane.stored;
    const { lost, restored } = divergence(lane.lineage, write);
    const { op: _op, who: _who, units: _units, ...lineage } = write;
    this.tell({
      kind: 'allocated',
      body: {
        lane: 'eventual',
        op,
        who,
        units,
        ...(sim ? { sim: true as const } : {}),
        ...lineage,
        readAtMs: this.atMs - 100,
        wroteAtMs: this.atMs,
      },
    });
    const by = { by: op, byWho: who, parentVersion: write.parentVersion, version: write.version };
    const stored = { storedBefore, storedAfter: write.wroteAllocated };
    for (const [kind, writes] of [
      ['lost', lost],
      ['restored', restored],
    ] as const) {
      for (const gone of writes) {
        const body = {
          lane: 'eventual' as const,
          op: gone.op,
          who: gone.who,
          units: gone.units,
          ...by,
          ...stored,
        };
        this.tell({ kind, body });
      }
    }
    const delta = oversellDelta(lane, this.#capacity);
    if (delta > lane.oversoldTold) this.tell({ kind: 'oversold', body: { lane: 'eventual', delta, by: op } });
    return true;
  }

  /** Buyers who all read before any of them wrote. */
  race(buyers: readonly Buy[]): void {
    const reading = this.read();
    for (const buyer of buyers) this.eventual(buyer, reading);
  }

  reset(): void {
    this.tell({
      kind: 'reset',
      body: {
        by: 'presenter',
        fromEpoch: this.facts.epoch,
        toEpoch: this.facts.epoch + 1,
        realCarriedUsd: 0,
      },
    });
  }

  nextOp(): string {
    this.#ops += 1;
    return opNo(this.#ops);
  }

  get #capacity(): number {
    return this.facts.opened?.sku.capacity ?? 0;
  }

  #refuse(lane: LaneId): boolean {
    this.tell({ kind: 'refused', body: { lane, counts: { OUT_OF_STOCK: 1 } } });
    return false;
  }
}
