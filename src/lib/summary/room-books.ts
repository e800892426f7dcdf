/**
 * Totals of every epoch, from a room's events in order, for its summary. They keep no orders and no ops, so that a room can hold
 * them beside its own memory.
 */
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import { GENESIS } from '#lib/domain/facts.ts';
import { emptyHistogram, histogramOf, summarise } from '#lib/domain/histogram.ts';
import { byLane, lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { exposureOf } from '#lib/domain/ledger.ts';
import { isConflict } from '#lib/domain/lineage.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import { RaceSeries } from '#lib/domain/race-series.ts';
import { writeOf } from '#lib/domain/reduce.ts';
import { spreadOf } from '#lib/domain/recovery.ts';
import { thinned } from './curve.ts';
import type { EpochSummary, LaneSummary, RecoverySummary, RoomSummary } from './show-summary.ts';

/**
 * Figures that are not in events, or not yet, which the room provides. Of an ended show, latency and phones are those of
 * its log.
 */
export type Measured = Pick<RoomSummary, 'latency' | 'mostPhones' | 'inFlight'> & {
  money: Pick<RoomSummary['money'], 'realUsd' | 'limitUsd' | 'locked'>;
};

interface EpochBooks {
  totals: Omit<EpochSummary, 'buyers' | 'exposureUsd' | 'curve'>;
  buyers: Set<string>;
  series: RaceSeries;
}

/** Thrown for the summary of a room that was never opened, which is a bug. */
const UNOPENED = 'a summary is of a room that was opened';

/** Totals of a room, event by event. */
export class RoomBooks {
  /** Number of the newest event taken. */
  seq = 0;
  #head = GENESIS;
  #lastAtMs = 0;
  #opened: EventOf<'opened'> | null = null;
  #closedBy: RoomSummary['closedBy'] = null;
  /** True once the lock was told in any epoch: a reset releases it. */
  #locked = false;
  readonly #ended: EpochBooks[] = [];
  #epoch: EpochBooks | null = null;
  /** Of each recovery: from the cut to the welcome, and to the first retry, milliseconds. */
  readonly #ways: number[] = [];
  readonly #waits: number[] = [];
  readonly #recovery = { drills: 0, sockets: 0, reports: 0, missing: 0 };
  #told: EventOf<'latency'>['body'] | null = null;
  /** `seq` of the drills that cut connections; reports of sleep drills do not count as recoveries. */
  readonly #drops = new Set<number>();

  /** Takes the next event. */
  take(event: RoomEvent): void {
    if (event.kind === 'reset' && this.#epoch) {
      this.#ended.push(this.#epoch);
      this.#epoch = null;
    }
    this.seq = event.seq;
    this.#head = event.hash;
    // A show lasts until its end: what was in flight settles behind it.
    if (!this.#closedBy) this.#lastAtMs = event.atMs;
    if (event.kind === 'opened') this.#opened = event;
    const epoch = (this.#epoch ??= openEpoch(event, this.#lanes));
    epoch.totals.lastSeq = event.seq;
    epoch.totals.endedAtMs = event.atMs;
    switch (event.kind) {
      case 'opened':
        return;
      case 'closed':
        this.#closedBy = event.body.by;
        return;
      case 'latency':
        this.#told = event.body;
        return;
      case 'locked':
        this.#locked = true;
        return;
      case 'drill':
        return this.#drill(event);
      case 'recovered':
        return this.#recovered(event);
      default:
        takeInto(epoch, event);
    }
  }

  /** The summary up to the newest event. */
  summary({ latency, mostPhones, inFlight, money }: Measured): RoomSummary {
    if (!this.#opened) throw new Error(UNOPENED);
    const { sku, config, pricesReadOn } = this.#opened.body;
    const epochs = [...this.#ended, ...(this.#epoch ? [this.#epoch] : [])];
    const curves = thinned(epochs.map(({ series }) => series));
    return {
      sku,
      seq: this.seq,
      head: this.#head,
      openedAtMs: this.#opened.atMs,
      lastAtMs: this.#lastAtMs,
      closedBy: this.#closedBy,
      epochs: epochs.map(({ totals, buyers }, place) => {
        const lanes = settled(totals.lanes, sku.capacity);
        const oversold = lanesIn(lanes).reduce((sum, [, { oversellDelta }]) => sum + oversellDelta, 0);
        const exposureUsd = usdFromPico(exposureOf(oversold, sku.unitPrice));
        return { ...totals, lanes, buyers: buyers.size, exposureUsd, curve: curves[place]! };
      }),
      recovery: this.#recoverySummary(),
      latency: this.#latency(latency),
      mostPhones: this.#toldAtTheEnd?.phones ?? mostPhones,
      inFlight,
      money: {
        ...money,
        locked: money.locked || this.#locked,
        billingScale: config.billingScale,
        loadFactor: config.virtualLoadFactor,
        thresholdUsd: config.virtualCostThreshold,
        pricesReadOn,
      },
    };
  }

  get #lanes(): readonly LaneId[] {
    return this.#opened?.body.lanes ?? [];
  }

  /** Latency and phones of an ended show, from its last `latency` event. */
  get #toldAtTheEnd() {
    return this.#closedBy ? this.#told : null;
  }

  #latency(measured: RoomSummary['latency']): RoomSummary['latency'] {
    const lanes = this.#toldAtTheEnd?.lanes;
    if (!lanes) return measured;
    return byLane(this.#lanes, (lane) => {
      const { n, p50, p95, p99 } = summarise(lanes[lane] ? histogramOf(lanes[lane]) : emptyHistogram());
      return { n, p50, p95, p99 };
    });
  }

  #drill({ seq, body }: EventOf<'drill'>): void {
    if (body.kind !== 'drop') return;
    this.#drops.add(seq);
    this.#recovery.drills += 1;
    this.#recovery.sockets += body.sockets;
  }

  #recovered({ body }: EventOf<'recovered'>): void {
    if (!this.#drops.has(body.drill)) return;
    for (const { waitedMs, ms, missing } of body.clients) {
      this.#ways.push(waitedMs + ms);
      this.#waits.push(waitedMs);
      this.#recovery.reports += 1;
      this.#recovery.missing += missing;
    }
  }

  #recoverySummary(): RecoverySummary {
    const ways = spreadOf(this.#ways);
    const waitedP50Ms = spreadOf(this.#waits)?.p50 ?? null;
    const { p50 = null, p95 = null, max = null } = ways ?? {};
    return { ...this.#recovery, waitedP50Ms, p50Ms: p50, p95Ms: p95, maxMs: max };
  }
}

function openEpoch({ epoch, seq, atMs }: RoomEvent, lanes: readonly LaneId[]): EpochBooks {
  return {
    totals: {
      epoch,
      firstSeq: seq,
      lastSeq: seq,
      startedAtMs: atMs,
      endedAtMs: atMs,
      lanes: byLane(lanes, emptyLane),
      virtualUsd: null,
      trips: 0,
      tripsByHand: 0,
    },
    buyers: new Set(),
    series: new RaceSeries(lanes),
  };
}

function emptyLane(): LaneSummary {
  return {
    acknowledged: 0,
    stored: 0,
    lostUnits: 0,
    oversellDelta: 0,
    ops: 0,
    refused: 0,
    refusedByCode: {},
    conflicts: 0,
    simUnits: 0,
    losses: 0,
    returns: 0,
  };
}

function takeInto({ totals, buyers, series }: EpochBooks, event: RoomEvent): void {
  const { lanes } = totals;
  switch (event.kind) {
    case 'allocated':
      allocate(ofLane(lanes, event.body.lane), event.body);
      buyers.add(event.body.who);
      return series.add(event.atMs, lanes);
    case 'refused':
      return refuse(ofLane(lanes, event.body.lane), event.body.counts);
    case 'lost':
      ofLane(lanes, event.body.lane).losses += 1;
      return;
    case 'restored':
      ofLane(lanes, event.body.lane).returns += 1;
      return;
    case 'cost':
      totals.virtualUsd = event.body.virtualUsd;
      return;
    case 'guardrail':
      if (event.body.state !== 'tripped') return;
      totals.trips += 1;
      if (event.body.by === 'presenter') totals.tripsByHand += 1;
      return;
    default:
      // Other kinds of events change none of these figures.
      return;
  }
}

function allocate(lane: LaneSummary, body: EventOf<'allocated'>['body']): void {
  const write = writeOf(body);
  lane.ops += 1;
  lane.acknowledged += body.units;
  lane.stored = write ? write.wroteAllocated : lane.stored + body.units;
  if (write && isConflict(write)) lane.conflicts += 1;
  if (body.sim) lane.simUnits += body.units;
}

function refuse(lane: LaneSummary, counts: EventOf<'refused'>['body']['counts']): void {
  for (const [code, times] of Object.entries(counts) as [keyof typeof counts, number][]) {
    lane.refused += times;
    lane.refusedByCode[code] = (lane.refusedByCode[code] ?? 0) + times;
  }
}

/** Copies, with what follows from the counters: the books go on. */
function settled(lanes: ByLane<LaneSummary>, capacity: number): ByLane<LaneSummary> {
  return Object.fromEntries(
    lanesIn(lanes).map(([id, lane]): [LaneId, LaneSummary] => {
      const lostUnits = lane.acknowledged - lane.stored;
      const oversellDelta = Math.max(0, lane.acknowledged - capacity);
      return [id, { ...lane, refusedByCode: { ...lane.refusedByCode }, lostUnits, oversellDelta }];
    }),
  );
}
