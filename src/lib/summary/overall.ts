/** A room over all of its epochs: what its lanes come to, and what is owed. */
import { lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import type { EpochSummary, LaneSummary, RoomSummary } from './show-summary.ts';

const COUNTERS = [
  'acknowledged',
  'stored',
  'lostUnits',
  'oversellDelta',
  'ops',
  'refused',
  'conflicts',
  'simUnits',
  'losses',
  'returns',
] as const satisfies readonly (keyof LaneSummary)[];
type Counter = (typeof COUNTERS)[number];

/** A lane over all epochs: sums, and the epoch in which most was sold. */
export function laneOverall(
  { epochs }: Pick<RoomSummary, 'epochs'>,
  lane: LaneId,
): LaneSummary & { most: EpochSummary | null; oversoldEpochs: number } {
  const all = epochs.map(({ lanes }) => ofLane(lanes, lane));
  const most = epochs.reduce<EpochSummary | null>(
    (best, epoch) => (best && soldIn(best, lane) >= soldIn(epoch, lane) ? best : epoch),
    null,
  );
  const sums = Object.fromEntries(COUNTERS.map((counter) => [counter, sumOf(all, counter)]));
  return {
    ...(sums as Record<Counter, number>),
    refusedByCode: {},
    most: most && ofLane(most.lanes, lane).ops > 0 ? most : null,
    oversoldEpochs: all.filter(({ oversellDelta }) => oversellDelta > 0).length,
  };
}

/** The sum of a counter of some lanes. */
export function sumOf(lanes: readonly LaneSummary[], counter: Counter): number {
  return lanes.reduce((sum, lane) => sum + lane[counter], 0);
}

/** Exposure of a room over all its epochs, decimal USD. */
export function owedBy({ epochs }: Pick<RoomSummary, 'epochs'>): number {
  return sumOfUsd(epochs.map(({ exposureUsd }) => exposureUsd));
}

/** The virtual cost of all epochs of a room, decimal USD; null where none was told. */
export function virtualOf({ epochs }: Pick<RoomSummary, 'epochs'>): number | null {
  const told = epochs.flatMap(({ virtualUsd }) => (virtualUsd === null ? [] : [virtualUsd]));
  return told.length === 0 ? null : sumOfUsd(told);
}

/** Acknowledged units of some epochs on all lanes, and how many of them SIMULATED shoppers got. */
export function simulatedOf(epochs: readonly Pick<EpochSummary, 'lanes'>[]): {
  simUnits: number;
  units: number;
} {
  const lanes = lanesOfEpochs(epochs);
  return { simUnits: sumOf(lanes, 'simUnits'), units: sumOf(lanes, 'acknowledged') };
}

/** Every lane of some epochs. */
export function lanesOfEpochs(epochs: readonly Pick<EpochSummary, 'lanes'>[]): LaneSummary[] {
  return epochs.flatMap(({ lanes }) => lanesIn(lanes).map(([, lane]) => lane));
}

function sumOfUsd(amounts: readonly number[]): number {
  return usdFromPico(amounts.reduce((sum, usd) => sum + picoFromUsd(usd), 0n));
}

/** Units that a lane acknowledged in an epoch. */
export function soldIn({ lanes }: EpochSummary, lane: LaneId): number {
  return ofLane(lanes, lane).acknowledged;
}
