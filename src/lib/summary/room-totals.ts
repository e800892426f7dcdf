/**
 * Totals of every epoch, from a room's events in order, for its summary. They keep no orders and no ops, so that a room can hold
 * them beside its own memory.
 */
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import { GENESIS } from '#lib/domain/facts.ts';
import { emptyHistogram, histogramOf, summarise } from '#lib/domain/histogram.ts';
import { byLane, idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { countEvent, emptyTotals } from '#lib/domain/lane-totals.ts';
import type { LaneTotals } from '#lib/domain/lane-totals.ts';
import { exposureOf } from '#lib/domain/ledger.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import { RaceSeries } from '#lib/domain/race-series.ts';
import { spreadOf } from '#lib/domain/recovery.ts';
import { workFigures } from '#lib/domain/work.ts';
import { thinned } from './curve.ts';
import type { EpochSummary, LaneSummary, RecoverySummary, RoomSummary } from './show-summary.ts';

/**
 * Figures that are not in events, or not yet, which the room provides. Of an ended show, latency and phones are those of
 * its log.
 */
export type Measured = Pick<RoomSummary, 'latency' | 'mostPhones' | 'inFlight'> & {
  money: Pick<RoomSummary['money'], 'realUsd' | 'limitUsd' | 'locked'>;
};

interface CountedEpoch {
  totals: Omit<EpochSummary, 'lanes' | 'buyers' | 'exposureUsd' | 'curve'>;
  lanes: ByLane<LaneTotals>;
  /** The distances at which each lane sold, milliseconds; nothing of the platform's own engines. */
  distances: ByLane<Set<number>>;
  buyers: Set<string>;
  series: RaceSeries;
}

/** Thrown for the summary of a room that was never opened, which is a bug. */
const UNOPENED = 'a summary is of a room that was opened';

/** Totals of a room, event by event. */
export class RoomTotals {
  /** Number of the newest event taken. */
  seq = 0;
  #head = GENESIS;
  #lastAtMs = 0;
  #opened: EventOf<'opened'> | null = null;
  #closedBy: RoomSummary['closedBy'] = null;
  /** True once the lock was told in any epoch: a reset releases it. */
  #locked = false;
  readonly #ended: CountedEpoch[] = [];
  #epoch: CountedEpoch | null = null;
  /** Of each recovery: from the cut to the welcome, and to the first retry, milliseconds. */
  readonly #ways: number[] = [];
  readonly #waits: number[] = [];
  readonly #recovery = { drills: 0, sockets: 0, reports: 0, missing: 0 };
  #told: EventOf<'latency'>['body'] | null = null;
  /** How far away the engine of each lane is now, of those that are not the platform's own, milliseconds. */
  readonly #away: ByLane<number> = {};
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
        for (const lane of idsIn(event.body.engines ?? {})) this.#away[lane] = 0;
        return;
      case 'closed':
        this.#closedBy = event.body.by;
        return;
      case 'latency':
        this.#told = event.body;
        return;
      case 'distance':
        this.#away[event.body.lane] = event.body.ms;
        return;
      case 'locked':
        this.#locked = true;
        return;
      case 'drill':
        return this.#drill(event);
      case 'recovered':
        return this.#recovered(event);
      default:
        takeInto(epoch, event, this.#away);
    }
  }

  /** The summary up to the newest event. */
  summary({ latency, mostPhones, inFlight, money }: Measured): RoomSummary {
    if (!this.#opened) throw new Error(UNOPENED);
    const { sku, config, pricesReadOn, engines } = this.#opened.body;
    const epochs = [...this.#ended, ...(this.#epoch ? [this.#epoch] : [])];
    const curves = thinned(epochs.map(({ series }) => series));
    return {
      sku,
      seq: this.seq,
      head: this.#head,
      openedAtMs: this.#opened.atMs,
      lastAtMs: this.#lastAtMs,
      closedBy: this.#closedBy,
      epochs: epochs.map(({ totals, buyers, ...epoch }, place) => {
        const lanes = settled(epoch, sku.capacity);
        const oversold = lanesIn(lanes).reduce((sum, [, { oversellDelta }]) => sum + oversellDelta, 0);
        const exposureUsd = usdFromPico(exposureOf(oversold, sku.unitPrice));
        return { ...totals, lanes, buyers: buyers.size, exposureUsd, curve: curves[place]! };
      }),
      recovery: this.#recoverySummary(),
      latency: this.#latency(latency),
      ...(engines ? { engines } : {}),
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

function openEpoch({ epoch, seq, atMs }: RoomEvent, lanes: readonly LaneId[]): CountedEpoch {
  return {
    totals: {
      epoch,
      firstSeq: seq,
      lastSeq: seq,
      startedAtMs: atMs,
      endedAtMs: atMs,
      virtualUsd: null,
      trips: 0,
      tripsByHand: 0,
    },
    lanes: byLane(lanes, emptyTotals),
    distances: {},
    buyers: new Set(),
    series: new RaceSeries(lanes),
  };
}

function takeInto(epoch: CountedEpoch, event: RoomEvent, away: ByLane<number>): void {
  const { totals, lanes, distances, buyers, series } = epoch;
  countEvent(lanes, event);
  switch (event.kind) {
    case 'allocated':
      soldAt(distances, event.body.lane, away[event.body.lane]);
      buyers.add(event.body.who);
      return series.add(event.atMs, lanes);
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

/** Notes how far away a lane was when it sold; nothing of the platform's own engines. */
function soldAt(distances: ByLane<Set<number>>, lane: LaneId, ms: number | undefined): void {
  if (ms !== undefined) (distances[lane] ??= new Set()).add(ms);
}

/** Copies, with what follows from the counters: the totals go on. */
function settled(
  { lanes, distances }: Pick<CountedEpoch, 'lanes' | 'distances'>,
  capacity: number,
): ByLane<LaneSummary> {
  return byLane(idsIn(lanes), (lane) => {
    const { refused: byCode, work, ...totals } = ofLane(lanes, lane);
    const distancesMs = [...(distances[lane] ?? [])].sort((a, b) => a - b);
    return {
      ...totals,
      lostUnits: totals.acknowledged - totals.stored,
      oversellDelta: Math.max(0, totals.acknowledged - capacity),
      refused: Object.values(byCode).reduce((sum, times) => sum + times, 0),
      refusedByCode: { ...byCode },
      ...(work ? { work: workFigures(work) } : {}),
      ...(distancesMs.some((ms) => ms > 0) ? { distancesMs } : {}),
    };
  });
}
