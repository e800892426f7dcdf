/** What a card says of each lane of its room: of two of them figure by figure, of more in one figure each. */
import { capitalised, count, millis } from '#lib/components/format.ts';
import { distanceWords, labelWords, laneWords } from '#lib/components/strategy-words.ts';
import { engineIn } from '#lib/domain/engines.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Result } from './figure.ts';
import { laneOverall, soldIn } from './overall.ts';
import type { EpochSummary, RoomSummary } from './show-summary.ts';

/** Fewest samples for a p99 of round trips. */
const P99_NEEDS = 100;

/** What was sold on a lane, and how much of it did not exist. */
export function soldOn(room: RoomSummary, lane: LaneId): Result {
  const { canOversell, colour } = LANES[lane];
  const { oversellDelta, most, oversoldEpochs } = laneOverall(room, lane);
  const over = oversoldEpochs > 1 ? phrase(`; summed over ${count(oversoldEpochs)} epochs`) : '';
  const kept = !canOversell && oversellDelta === 0 ? phrase(', and not one more') : '';
  return {
    key: lane,
    label: capitalised(phrase(`${laneWords(lane)}: sold too many`)),
    value: oversellDelta === 0 ? '0' : `+${count(oversellDelta)}`,
    note: most ? `${soldOf(most, lane, room)}${over}${kept}.` : phrase('Nothing was sold on it.'),
    tone: oversellDelta === 0 ? colour : 'oversold',
    check: canOversell ? 'oversold' : 'safeCapacity',
  };
}

/** All that is told of one lane of many: whether it kept its word, how long it took, and what answered for its engine. */
export function allOf(room: RoomSummary, lane: LaneId): Result {
  const { lostUnits, ops } = laneOverall(room, lane);
  const { n, p50 } = ofLane(room.latency, lane);
  const distances = new Set(room.epochs.flatMap(({ lanes }) => ofLane(lanes, lane).distancesMs ?? []));
  const far = [...distances].filter((ms) => ms > 0).map(distanceWords);
  const sold = soldOn(room, lane);
  const note = [
    sold.note,
    ...(lostUnits > 0 ? [phrase(`${count(lostUnits)} overwritten.`)] : []),
    ...(p50 === null || ops === 0 ? [] : [phrase(`Median ${millis(p50)} ms of ${count(n)}.`)]),
    `${[labelWords(engineIn(room, lane).label), ...far].join(' · ')}.`,
  ];
  return { ...sold, note: note.join(' ') };
}

/** What was overwritten on a lane. */
export function lostUpdates(room: RoomSummary, lane: LaneId): Result {
  const { lostUnits, losses, returns, ops } = laneOverall(room, lane);
  const orders = losses === 1 ? phrase('1 order overwritten') : phrase(`${count(losses)} orders overwritten`);
  const told =
    losses === 0
      ? phrase('No write went over another one.')
      : returns === 0
        ? phrase(`Units sold and no longer in the counter: ${orders}.`)
        : phrase(`Units sold and no longer in the counter: ${orders}, ${count(returns)} came back.`);
  return {
    key: `lost-${lane}`,
    label: phrase(`Overwritten on the ${lane} lane`),
    value: count(lostUnits),
    note: ops === 0 ? phrase('Nothing was sold on it.') : told,
    tone: lostUnits === 0 ? 'ink' : 'lost',
    check: 'lost',
  };
}

/** How long answers on a lane took. */
export function latency(room: RoomSummary, lane: LaneId): Result {
  const { n, p50, p95, p99 } = ofLane(room.latency, lane);
  const figure = { key: `latency-${lane}`, label: phrase(`Latency, ${lane} lane`), check: null } as const;
  if (p50 === null || p95 === null) {
    return { ...figure, value: '–', note: phrase('No phone measured a round trip on it.'), tone: 'quiet' };
  }
  const slowest =
    n >= P99_NEEDS && p99 !== null
      ? `p99 ${millis(p99)} ms`
      : phrase(`p99 is not shown below ${P99_NEEDS} samples`);
  const trips = n === 1 ? phrase('1 round trip') : phrase(`${count(n)} round trips`);
  return {
    ...figure,
    value: `${millis(p50)} ms`,
    note: phrase(
      `Median of ${trips}, from tap to answer, measured on phones. p95 ${millis(p95)} ms, ${slowest}.`,
    ),
    tone: 'ink',
  };
}

function soldOf(of: EpochSummary, lane: LaneId, { sku, epochs }: RoomSummary): string {
  const [sold, exist] = [count(soldIn(of, lane)), count(sku.capacity)];
  return epochs.length > 1
    ? phrase(`${sold} sold of ${exist} in epoch ${count(of.epoch)}`)
    : phrase(`${sold} sold of ${exist}`);
}
