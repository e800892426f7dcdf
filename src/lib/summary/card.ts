/**
 * The card of a room: its results as figures with words, each with the check that proves it, for screen, print and
 * picture.
 */
import { count, millis, pause, price, usd } from '#lib/components/format.ts';
import { LANES } from '#lib/domain/lanes.ts';
import { PROMISED_MS } from '#lib/domain/recovery.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Figure, Result } from './figure.ts';
import { allOf, latency, lostUpdates, soldOn } from './lane-card.ts';
import { laneOverall, lanesOfEpochs, owedBy, sumOf, virtualOf } from './overall.ts';
import { lanesOfRoom } from './show-summary.ts';
import type { RoomSummary } from './show-summary.ts';
import { simulatedIn } from './simulated.ts';
import { workOn } from './work-figure.ts';

/** Lanes of which each has its figures one by one; of more, each has one. */
const FEW_LANES = 2;
/** Fewest samples for a p95 of recoveries. */
const P95_NEEDS = 20;

/** The results of a room, the most important first. */
export function roomCard(room: RoomSummary): Figure[] {
  return results(room).map((figure) => ({ ...figure, simulated: simulatedIn(figure.key, room) }));
}

/**
 * The one figure of a card that is seen first: what the lane that oversold most sold too many, else what the first lane on which
 * anything was sold did not, else the bill.
 */
export function heroOf(room: RoomSummary, figures: readonly Figure[]): Figure {
  const sold = lanesOfRoom(room)
    .map((lane) => ({ lane, ...laneOverall(room, lane) }))
    .filter(({ ops }) => ops > 0);
  const [worst] = [...sold].sort((one, other) => other.oversellDelta - one.oversellDelta);
  const hero = figures.find(({ key }) => key === worst?.lane) ?? figures[0];
  if (!hero) throw new Error('Broken invariant: a card has figures');
  return hero;
}

function results(room: RoomSummary): Result[] {
  const lanes = lanesOfRoom(room);
  const isMany = lanes.length > FEW_LANES;
  return [
    realSpend(room),
    ...lanes.map((lane) => (isMany ? allOf(room, lane) : soldOn(room, lane))),
    exposure(room),
    ...(isMany
      ? []
      : [
          ...lanes.filter((lane) => LANES[lane].hasLineage).map((lane) => lostUpdates(room, lane)),
          ...lanes.map((lane) => latency(room, lane)),
        ]),
    ...lanes.flatMap((lane) => workOn(room, lane)),
    recovery(room),
    people(room),
    orders(room),
    virtualCost(room),
    duration(room),
  ];
}

function realSpend({ epochs, money }: RoomSummary): Result {
  const refusals = lanesOfEpochs(epochs).map(({ refusedByCode }) => refusedByCode.REAL_BUDGET_EXCEEDED ?? 0);
  const times = refusals.reduce((sum, each) => sum + each, 0);
  const lock =
    times > 1
      ? phrase(`The lock refused ${count(times)} orders that would have passed it.`)
      : times === 1
        ? phrase('The lock refused 1 order that would have passed it.')
        : money.locked
          ? phrase('The lock refused what would have passed it.')
          : phrase('The lock never had to refuse anything.');
  return {
    key: 'real',
    label: phrase('Real spend'),
    value: usd(money.realUsd),
    note: `${phrase(`Locked at ${usd(money.limitUsd)}.`)} ${lock}`,
    tone: 'ink',
    check: 'limit',
  };
}

function exposure({ epochs, sku }: RoomSummary): Result {
  const units = sumOf(lanesOfEpochs(epochs), 'oversellDelta');
  return {
    key: 'exposure',
    label: phrase('Owed to customers'),
    value: usd(owedBy({ epochs })),
    note:
      units === 0
        ? phrase('Nothing was sold that does not exist.')
        : units === 1
          ? phrase(`1 unit at ${price(sku.unitPrice)} that nobody can deliver.`)
          : phrase(`${count(units)} units at ${price(sku.unitPrice)} that nobody can deliver.`),
    tone: units === 0 ? 'ink' : 'oversold',
    check: 'exposure',
  };
}

function recovery({ recovery }: RoomSummary): Result {
  const { drills, sockets, reports, waitedP50Ms = null, p95Ms, maxMs, missing } = recovery;
  const figure = { key: 'recovery', label: phrase('Recovery'), check: 'chain' } as const;
  if (p95Ms === null || maxMs === null) {
    const note = drills === 0 ? phrase('No drill was run.') : phrase('Nobody reported a way back.');
    return { ...figure, value: '–', note, tone: 'quiet' };
  }
  const isMany = reports >= P95_NEEDS;
  const shown = isMany ? p95Ms : maxMs;
  const time = `${count(PROMISED_MS)} ms`;
  const kept =
    shown <= PROMISED_MS ? phrase(`within the ${time} promised`) : phrase(`beyond the ${time} promised`);
  const since = waitedP50Ms === null ? phrase('from the first retry') : phrase('from the cut');
  const ways = reports === 1 ? phrase('1 way back') : phrase(`${count(reports)} ways back`);
  const of = isMany
    ? phrase(`p95 of ${ways} ${since}, ${kept}`)
    : phrase(`Slowest of ${ways} ${since}, ${kept}`);
  const cuts = drills === 1 ? phrase('in 1 drill') : phrase(`in ${count(drills)} drills`);
  const cut =
    sockets === 1
      ? phrase(`1 connection cut on purpose ${cuts}`)
      : phrase(`${count(sockets)} connections cut on purpose ${cuts}`);
  const gone = missing === 1 ? phrase('1 event missing') : phrase(`${count(missing)} events missing`);
  const waited =
    waitedP50Ms === null
      ? ''
      : ` ${phrase(`The first retry came ${millis(waitedP50Ms)} ms after the cut (median).`)}`;
  return {
    ...figure,
    value: `${millis(shown)} ms`,
    note: `${of}; ${cut}, ${gone}.${waited}`,
    tone: missing === 0 && shown <= PROMISED_MS ? 'ink' : 'oversold',
  };
}

function people({ mostPhones, epochs }: RoomSummary): Result {
  const buyers = Math.max(0, ...epochs.map((epoch) => epoch.buyers));
  return {
    key: 'people',
    label: phrase('Most phones at once'),
    value: count(mostPhones),
    note: phrase(`Counted by the room. Most buyers in one epoch: ${count(buyers)}.`),
    tone: 'ink',
    check: null,
  };
}

function orders(room: RoomSummary): Result {
  const lanes = lanesOfEpochs(room.epochs);
  const [ops, refused] = [sumOf(lanes, 'ops'), sumOf(lanes, 'refused')];
  const open = room.inFlight === 0 ? '' : ` ${phrase(`${count(room.inFlight)} in flight.`)}`;
  const told = phrase(
    `${count(ops)} allocated, ${count(refused)} refused; a tap on both lanes is one on each.`,
  );
  return {
    key: 'orders',
    label: phrase('Orders answered'),
    value: count(ops + refused),
    note: `${told}${open}`,
    tone: 'ink',
    check: 'once',
  };
}

function virtualCost({ epochs, money }: RoomSummary): Result {
  const trips = epochs.reduce((sum, epoch) => sum + epoch.trips, 0);
  const byHand = epochs.reduce((sum, epoch) => sum + epoch.tripsByHand, 0);
  const basis = phrase(
    `Metered operations at list price (${money.pricesReadOn}) × ${count(money.loadFactor)}, and what is owed.`,
  );
  const guardrail = phrase(`Guardrail at ${price(money.thresholdUsd)}: ${trippedWords(trips, byHand)}.`);
  return {
    key: 'virtual',
    label: phrase('Virtual cost, ESTIMATE'),
    value: usd(virtualOf({ epochs }) ?? 0),
    note: `${basis} ${guardrail}`,
    tone: 'ink',
    check: 'virtual',
  };
}

function duration({ openedAtMs, lastAtMs, closedBy, seq, epochs }: RoomSummary): Result {
  const counted = seq === 1 ? phrase('1 event') : phrase(`${count(seq)} events`);
  const runs = epochs.length === 1 ? phrase('1 epoch') : phrase(`${count(epochs.length)} epochs`);
  return {
    key: 'duration',
    label: phrase('Duration'),
    value: pause(Math.max(0, lastAtMs - openedAtMs)),
    note:
      closedBy === null
        ? phrase(`From its opening to the newest event: ${counted} in ${runs}.`)
        : phrase(`From its opening to its end: ${counted} in ${runs}.`),
    tone: 'ink',
    check: 'dense',
  };
}

function trippedWords(trips: number, byHand: number): string {
  if (trips === 0) return phrase('never tripped');
  const times = trips === 1 ? phrase('tripped once') : phrase(`tripped ${count(trips)} times`);
  return byHand > 0 ? phrase(`${times}, ${count(byHand)} by hand`) : times;
}
