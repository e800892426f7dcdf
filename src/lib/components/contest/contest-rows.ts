/**
 * The lanes of a show beside one another: what each sold of what exists, whether it kept its word, how long its answers took and
 * what a sale cost it in tries. In the order of the table of lanes, never by time: engines that share a machine are no race.
 */
import { lanesIn } from '#lib/domain/by-lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneCounters, LaneId } from '#lib/domain/lane.ts';
import type { LaneEngine } from '#lib/domain/engines.ts';
import type { LaneState, RoomState } from '#lib/domain/room-state.ts';

/**
 * What became of a lane's word. `oversold` is never taken back. The others hold once nothing is in flight: as many sold as its
 * counter says (`exact`), fewer in the counter (`inexact`), or nobody has bought (`nothing`).
 */
export type Verdict = 'exact' | 'oversold' | 'inexact' | 'unsettled' | 'nothing';

/** One lane. */
export interface ContestRow {
  lane: LaneId;
  engine: LaneEngine;
  verdict: Verdict;
  /** Units told yes, those beyond what exists, and those that its counter forgot. */
  acknowledged: number;
  oversold: number;
  lost: number;
  /** Ops that wait for its answer. */
  inFlight: number;
  /** Round trips that phones measured, milliseconds; a percentile is null where too few did. */
  latency: { n: number; medianMs: number | null; p95Ms: number | null };
  /** Tries, and repetitions by whatever cause, of one sale on average; null on a lane that does not tell. */
  perSale: { attempts: number | null; retries: number | null };
  /** What it sold of what exists, and beyond it, as shares of a bar's whole length. */
  bar: { within: number; beyond: number };
}

/** Every lane, and how many came to what. */
export interface Contest {
  rows: readonly ContestRow[];
  /** Where what exists ends, as a share of a bar's whole length: the same in every row. */
  line: number;
  /** Lanes that kept their word, that did not, and of which it is not known yet. */
  kept: number;
  broke: number;
  open: number;
}

/** Fewest samples for a p95: with fewer, it would be the slowest sample. */
const P95_NEEDS = 20;
/** Room beyond the line while nothing lies there, as a share of what exists: the line has to be seen as one that can be crossed. */
const BEYOND_LEAST = 0.25;

/** What became of a lane's word, as its counters stand. */
export function laneVerdict({ acknowledged, stored, oversellDelta, inFlight }: LaneCounters): Verdict {
  if (oversellDelta > 0) return 'oversold';
  if (inFlight > 0) return 'unsettled';
  if (acknowledged === 0) return 'nothing';
  return stored === acknowledged ? 'exact' : 'inexact';
}

/** The rows of a room as it stands, of whatever mode. */
export function contestRows({ lanes, sku: { capacity } }: Pick<RoomState, 'lanes' | 'sku'>): Contest {
  const inOrder = lanesIn(lanes).sort(([one], [other]) => LANE_IDS.indexOf(one) - LANE_IDS.indexOf(other));
  const most = Math.max(
    capacity * (1 + BEYOND_LEAST),
    ...inOrder.map(([, { acknowledged }]) => acknowledged),
  );
  const rows = inOrder.map(([lane, state]) => rowOf(lane, state, capacity, most));
  const number = (...verdicts: Verdict[]) => rows.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return {
    rows,
    line: capacity / most,
    kept: number('exact'),
    broke: number('oversold', 'inexact'),
    open: number('unsettled', 'nothing'),
  };
}

function rowOf(lane: LaneId, state: LaneState, capacity: number, most: number): ContestRow {
  const { acknowledged, oversellDelta, lostUnits, inFlight, latency, engine } = state;
  return {
    lane,
    engine,
    verdict: laneVerdict(state),
    acknowledged,
    oversold: oversellDelta,
    lost: lostUnits,
    inFlight,
    latency: {
      n: latency.n,
      medianMs: latency.p50,
      p95Ms: latency.n < P95_NEEDS ? null : latency.p95,
    },
    perSale: perSale(state),
    bar: { within: Math.min(acknowledged, capacity) / most, beyond: oversellDelta / most },
  };
}

/** Tries and retries of a sale, over those that told them. */
function perSale({ worked = 0, attempts = 0, retries = {} }: LaneCounters): ContestRow['perSale'] {
  if (worked === 0) return { attempts: null, retries: null };
  const again = Object.values(retries).reduce((sum, times) => sum + times, 0);
  return { attempts: attempts / worked, retries: again / worked };
}
