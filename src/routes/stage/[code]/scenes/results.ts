/**
 * What a show came to, product by product and in sum, over all its rounds: the room on screen from its live state and its log,
 * the others from the show's summary.
 */
import type { Round } from '#lib/client/history.ts';
import { byLane, idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import type { Sku } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId } from '#lib/domain/lane.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { lanesOfRoom } from '#lib/summary/show-summary.ts';
import type { RoomSummary, ShowSummary } from '#lib/summary/show-summary.ts';

/** One lane's result, in units. */
export interface LaneResult {
  /** Rounds, of whichever product, in which anything was sold on the lane. */
  rounds: number;
  acknowledged: number;
  /** What existed in those rounds together. */
  existed: number;
  /** Units sold beyond capacity, summed over the rounds. */
  oversold: number;
  /** Acknowledged units that were not in the lane's counter at the end of their round. */
  lost: number;
  /** Acknowledged units of SIMULATED shoppers. */
  simUnits: number;
}

/** What was really billed, decimal USD; `locked` once the lock refused a charge. */
interface Billed {
  realUsd: number;
  limitUsd: number;
  locked: boolean;
}

/** What one product, or several together, came to. */
interface Result {
  billed: Billed;
  lanes: ByLane<LaneResult>;
  /** Ops in flight, which may still change the figures. */
  inFlight: number;
}

/** One product's result. */
export interface ProductResult extends Result {
  sku: Pick<Sku, 'id' | 'name' | 'capacity'>;
}

/** A lane at the end of a round. */
interface LaneEnd {
  acknowledged: number;
  stored: number;
  simUnits: number;
}

/** The room on screen: earlier rounds from its log, the current one from its state; `simUnitsOn` are those of the current one. */
export function liveResult(
  { sku, lanes, ledger }: RoomState,
  past: readonly Round[],
  simUnitsOn: (lane: LaneId) => number,
): ProductResult {
  return {
    sku,
    billed: ledger,
    lanes: byLane(idsIn(lanes), (lane) =>
      laneResult(sku.capacity, [
        ...past.map((round) => ofLane(round.lanes, lane)),
        { ...ofLane(lanes, lane), simUnits: simUnitsOn(lane) },
      ]),
    ),
    inFlight: lanesIn(lanes).reduce((sum, [, lane]) => sum + lane.inFlight, 0),
  };
}

/** A room of the show's summary. */
export function readResult(room: RoomSummary): ProductResult {
  const { sku, money, epochs, inFlight } = room;
  return {
    sku,
    billed: money,
    lanes: byLane(lanesOfRoom(room), (lane) =>
      laneResult(
        sku.capacity,
        epochs.map(({ lanes }) => ofLane(lanes, lane)),
      ),
    ),
    inFlight,
  };
}

/** Every product of the show in its order: the one on screen as it stands `now`, the others as they were read. */
export function productsOf(now: ProductResult, { rooms }: Pick<ShowSummary, 'rooms'>): ProductResult[] {
  return rooms.map((room) => (room.sku.id === now.sku.id ? now : readResult(room)));
}

/** What products came to together: one at least. The limit is that of each. */
export function together(products: readonly Result[]): Result {
  const [first] = products;
  if (!first) throw new Error('Broken invariant: a show has a product');
  return {
    billed: {
      realUsd: usdFromPico(products.reduce((sum, { billed }) => sum + picoFromUsd(billed.realUsd), 0n)),
      limitUsd: first.billed.limitUsd,
      locked: products.some(({ billed }) => billed.locked),
    },
    lanes: byLane(idsIn(first.lanes), (lane) => {
      const all = products.map(({ lanes }) => ofLane(lanes, lane));
      const sum = (of: (one: LaneResult) => number) => all.reduce((total, one) => total + of(one), 0);
      return {
        rounds: sum(({ rounds }) => rounds),
        acknowledged: sum(({ acknowledged }) => acknowledged),
        existed: sum(({ existed }) => existed),
        oversold: sum(({ oversold }) => oversold),
        lost: sum(({ lost }) => lost),
        simUnits: sum(({ simUnits }) => simUnits),
      };
    }),
    inFlight: products.reduce((sum, { inFlight }) => sum + inFlight, 0),
  };
}

/** So many lanes are told of one by one; more of them by what became of their word. */
export const FEW_LANES = 2;

/** What became of the word of many lanes. */
export interface Tally {
  /** Sold no more than exists, and lost nothing. */
  kept: readonly LaneId[];
  broke: readonly LaneId[];
  /** Nobody bought there. */
  idle: readonly LaneId[];
  /** Of all lanes together, in units. */
  oversold: number;
  lost: number;
  simUnits: number;
}

/** Tells lanes apart by whether they kept their word in every round of every product. */
export function tallyOf(lanes: Readonly<ByLane<LaneResult>>): Tally {
  const all = lanesIn(lanes);
  const those = (is: (result: LaneResult) => boolean) => all.filter(([, of]) => is(of)).map(([lane]) => lane);
  const sum = (of: (result: LaneResult) => number) => all.reduce((total, [, one]) => total + of(one), 0);
  return {
    kept: those(({ rounds, oversold, lost }) => rounds > 0 && oversold + lost === 0),
    broke: those(({ oversold, lost }) => oversold + lost > 0),
    idle: those(({ rounds }) => rounds === 0),
    oversold: sum(({ oversold }) => oversold),
    lost: sum(({ lost }) => lost),
    simUnits: sum(({ simUnits }) => simUnits),
  };
}

/** Adds up a lane over its rounds: what one left unsold does not make up for what another sold twice. */
function laneResult(capacity: number, ends: readonly LaneEnd[]): LaneResult {
  const rounds = ends.filter(({ acknowledged }) => acknowledged > 0);
  const sum = (of: (end: LaneEnd) => number) => rounds.reduce((total, end) => total + of(end), 0);
  return {
    rounds: rounds.length,
    acknowledged: sum(({ acknowledged }) => acknowledged),
    existed: rounds.length * capacity,
    oversold: sum(({ acknowledged }) => Math.max(0, acknowledged - capacity)),
    lost: sum(({ acknowledged, stored }) => acknowledged - stored),
    simUnits: sum(({ simUnits }) => simUnits),
  };
}
