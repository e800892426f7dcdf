/**
 * The card of a room: its results as figures with words, each with the check that proves it, for screen, print and
 * picture.
 */
import { count, millis, pause, price, usd } from '#lib/components/format.ts';
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { LaneSpec } from '#lib/domain/lanes.ts';
import { PROMISED_MS } from '#lib/domain/recovery.ts';
import { laneOverall, lanesOfEpochs, owedBy, simulatedOf, soldIn, sumOf, virtualOf } from './overall.ts';
import { lanesOfRoom } from './show-summary.ts';
import type { EpochSummary, RoomSummary } from './show-summary.ts';

/** One result. */
export interface Figure {
  key: string;
  label: string;
  value: string;
  /** What the figure means, in a sentence or two. */
  note: string;
  /** Role of its colour, which the words express as well. */
  tone: 'ink' | 'quiet' | 'oversold' | 'lost' | LaneSpec['colour'];
  /** The check that proves it; null for figures that are not in the log. */
  check: AuditKey | null;
}

/** Fewest samples for a p99 of round trips, and for a p95 of recoveries. */
const P99_NEEDS = 100;
const P95_NEEDS = 20;

/** The results of a room, the most important first. */
export function roomCard(room: RoomSummary): Figure[] {
  const lanes = lanesOfRoom(room);
  return [
    realSpend(room),
    ...lanes.map((lane) => soldOn(room, lane)),
    exposure(room),
    ...lanes.filter((lane) => LANES[lane].hasLineage).map((lane) => lostUpdates(room, lane)),
    ...lanes.map((lane) => latency(room, lane)),
    recovery(room),
    people(room),
    orders(room),
    virtualCost(room),
    duration(room),
  ];
}

/** What pictures and pages say of simulated shoppers; empty where there were none. */
export function simulatedWords({ simUnits, units }: { simUnits: number; units: number }): string {
  return simUnits === 0
    ? ''
    : `SIMULATED shoppers got ${count(simUnits)} of the ${counted(units, 'unit')} sold.`;
}

function realSpend({ epochs, money }: RoomSummary): Figure {
  const refusals = lanesOfEpochs(epochs).map(({ refusedByCode }) => refusedByCode.REAL_BUDGET_EXCEEDED ?? 0);
  const times = refusals.reduce((sum, each) => sum + each, 0);
  const lock =
    times > 0
      ? `The lock refused ${counted(times, 'order')} that would have passed it.`
      : money.locked
        ? 'The lock refused what would have passed it.'
        : 'The lock never had to refuse anything.';
  return {
    key: 'real',
    label: 'Real spend',
    value: usd(money.realUsd),
    note: `Locked at ${usd(money.limitUsd)}. ${lock}`,
    tone: 'ink',
    check: 'limit',
  };
}

/** What was sold on a lane, and how much of it did not exist. */
function soldOn(room: RoomSummary, lane: LaneId): Figure {
  const { canOversell, colour } = LANES[lane];
  const { oversellDelta, most, oversoldEpochs } = laneOverall(room, lane);
  const over = oversoldEpochs > 1 ? `; summed over ${count(oversoldEpochs)} epochs` : '';
  const kept = !canOversell && oversellDelta === 0 ? ', and not one more' : '';
  return {
    key: lane,
    label: `${lane.charAt(0).toUpperCase()}${lane.slice(1)} lane, oversold`,
    value: oversellDelta === 0 ? '0' : `+${count(oversellDelta)}`,
    note: most ? `${soldOf(most, lane, room)}${over}${kept}.` : 'Nothing was sold on it.',
    tone: oversellDelta === 0 ? colour : 'oversold',
    check: canOversell ? 'oversold' : 'safeCapacity',
  };
}

function soldOf(of: EpochSummary, lane: LaneId, { sku, epochs }: RoomSummary): string {
  const where = epochs.length > 1 ? ` in epoch ${count(of.epoch)}` : '';
  return `${count(soldIn(of, lane))} sold of ${count(sku.capacity)}${where}`;
}

function exposure({ epochs, sku }: RoomSummary): Figure {
  const units = sumOf(lanesOfEpochs(epochs), 'oversellDelta');
  return {
    key: 'exposure',
    label: 'Exposure',
    value: usd(owedBy({ epochs })),
    note:
      units === 0
        ? 'Nothing was sold that does not exist.'
        : `${counted(units, 'unit')} at ${price(sku.unitPrice)}, sold to people who cannot be served.`,
    tone: units === 0 ? 'ink' : 'oversold',
    check: 'exposure',
  };
}

function lostUpdates(room: RoomSummary, lane: LaneId): Figure {
  const { lostUnits, losses, returns, ops } = laneOverall(room, lane);
  const back = returns > 0 ? `, ${count(returns)} came back` : '';
  const told =
    losses === 0
      ? 'No write erased another one.'
      : `Units gone from the counter. ${counted(losses, 'order')} erased${back}.`;
  return {
    key: `lost-${lane}`,
    label: `Lost by the ${lane} lane`,
    value: count(lostUnits),
    note: ops === 0 ? 'Nothing was sold on it.' : told,
    tone: lostUnits === 0 ? 'ink' : 'lost',
    check: 'lost',
  };
}

function latency(room: RoomSummary, lane: LaneId): Figure {
  const { n, p50, p95, p99 } = ofLane(room.latency, lane);
  const figure = { key: `latency-${lane}`, label: `Latency, ${lane} lane`, check: null } as const;
  if (p50 === null || p95 === null) {
    return { ...figure, value: '–', note: 'No phone measured a round trip on it.', tone: 'quiet' };
  }
  const slowest =
    n >= P99_NEEDS && p99 !== null ? `p99 ${millis(p99)} ms` : `p99 is not shown below ${P99_NEEDS} samples`;
  return {
    ...figure,
    value: `${millis(p50)} ms`,
    note: `Median of ${counted(n, 'round trip')}, from tap to answer, measured on phones. p95 ${millis(p95)} ms, ${slowest}.`,
    tone: 'ink',
  };
}

function recovery({ recovery }: RoomSummary): Figure {
  const { drills, sockets, reports, waitedP50Ms = null, p95Ms, maxMs, missing } = recovery;
  const figure = { key: 'recovery', label: 'Recovery', check: 'chain' } as const;
  if (p95Ms === null || maxMs === null) {
    const note = drills === 0 ? 'No drill was run.' : 'Nobody reported a way back.';
    return { ...figure, value: '–', note, tone: 'quiet' };
  }
  const isMany = reports >= P95_NEEDS;
  const shown = isMany ? p95Ms : maxMs;
  const since = waitedP50Ms === null ? 'from the first retry' : 'from the cut';
  const waited =
    waitedP50Ms === null ? '' : ` The first retry came ${millis(waitedP50Ms)} ms after the cut (median).`;
  const kept = shown <= PROMISED_MS ? 'within' : 'beyond';
  return {
    ...figure,
    value: `${millis(shown)} ms`,
    note:
      `${isMany ? 'p95' : 'Slowest'} of ${counted(reports, 'way')} back ${since}, ${kept} the ${count(PROMISED_MS)} ms promised; ` +
      `${counted(sockets, 'connection')} cut on purpose in ${counted(drills, 'drill')}, ${counted(missing, 'event')} missing.${waited}`,
    tone: missing === 0 && shown <= PROMISED_MS ? 'ink' : 'oversold',
  };
}

function people({ mostPhones, epochs }: RoomSummary): Figure {
  const buyers = Math.max(0, ...epochs.map((epoch) => epoch.buyers));
  const sim = simulatedOf(epochs).simUnits > 0;
  return {
    key: 'people',
    label: 'Most phones at once',
    value: count(mostPhones),
    note: `Counted by the room. Most buyers in one epoch: ${count(buyers)}${sim ? ', SIMULATED shoppers among them' : ''}.`,
    tone: 'ink',
    check: null,
  };
}

function orders(room: RoomSummary): Figure {
  const lanes = lanesOfEpochs(room.epochs);
  const [ops, refused] = [sumOf(lanes, 'ops'), sumOf(lanes, 'refused')];
  const simUnits = sumOf(lanes, 'simUnits');
  const simulated = simUnits === 0 ? '' : ` ${counted(simUnits, 'unit')} went to SIMULATED shoppers.`;
  const open = room.inFlight === 0 ? '' : ` ${count(room.inFlight)} in flight.`;
  return {
    key: 'orders',
    label: 'Orders answered',
    value: count(ops + refused),
    note: `${count(ops)} allocated, ${count(refused)} refused; a tap on both lanes is one on each.${simulated}${open}`,
    tone: 'ink',
    check: 'once',
  };
}

function virtualCost({ epochs, money }: RoomSummary): Figure {
  const trips = epochs.reduce((sum, epoch) => sum + epoch.trips, 0);
  const byHand = epochs.reduce((sum, epoch) => sum + epoch.tripsByHand, 0);
  const hand = byHand > 0 ? `, ${count(byHand)} by hand` : '';
  return {
    key: 'virtual',
    label: 'Virtual cost, ESTIMATE',
    value: usd(virtualOf({ epochs }) ?? 0),
    note:
      `Metered operations at list price (${money.pricesReadOn}) × ${count(money.loadFactor)}, and the exposure. ` +
      `Guardrail at ${price(money.thresholdUsd)}: ${trips === 0 ? 'never tripped' : `tripped ${times(trips)}${hand}`}.`,
    tone: 'ink',
    check: 'virtual',
  };
}

function duration({ openedAtMs, lastAtMs, closedBy, seq, epochs }: RoomSummary): Figure {
  const until = closedBy === null ? 'the newest event' : 'its end';
  return {
    key: 'duration',
    label: 'Duration',
    value: pause(Math.max(0, lastAtMs - openedAtMs)),
    note: `From its opening to ${until}: ${counted(seq, 'event')} in ${counted(epochs.length, 'epoch')}.`,
    tone: 'ink',
    check: 'dense',
  };
}

function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function times(n: number): string {
  return n === 1 ? 'once' : `${count(n)} times`;
}
