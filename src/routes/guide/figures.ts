/**
 * The guide's figures, taken from a show's summary. A figure that was not measured is null; nothing replaces it.
 * Longer than other files: one reader for each kind of evidence, and all of them look for the room that fared worst.
 */
import { count, millis, price, usd } from '#lib/components/format.ts';
import { refusalLine } from '#lib/components/refusal-words.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import type { LatencySummary } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import { laneOverall, owedBy, virtualOf } from '#lib/summary/overall.ts';
import type { EvidenceKey } from '#lib/guide/evidence.ts';
import { lanesOfRoom } from '#lib/summary/show-summary.ts';
import type { LaneSummary, RoomSummary, ShowSummary } from '#lib/summary/show-summary.ts';

/** A summary without who joined, which only the door of a live show counts. */
export type ShownSummary = Pick<ShowSummary, 'show' | 'status' | 'asOfMs' | 'rooms'>;

/** What the guide reads of a show. */
export interface GuideShow {
  summary: ShownSummary;
  /** Names of the fields that KV holds of this browser's session in it; null without one. */
  kept: readonly string[] | null;
}

/** A figure in words. */
export interface Figure {
  /** MEASURED: counted or timed in the show; ESTIMATE: computed from such figures. */
  mark: 'MEASURED' | 'ESTIMATE';
  text: string;
  /** Units of it that were allocated to simulated shoppers. */
  simUnits: number;
  /** The room that it comes from. */
  skuId: string;
}

/** The lanes that the guide compares: the one that keeps its word, and the one that races. */
export const CAREFUL: LaneId = 'safe';
export const CARELESS: LaneId = 'eventual';
/** Fewest samples for a p99: with fewer, no sample is the slowest hundredth. */
const LEAST_FOR_P99 = 100;
/** Fewest samples for a p95: with fewer, it would be the slowest sample. */
const LEAST_FOR_P95 = 20;

/** The figure of a show, or null where the show has none. */
export function figureOf(key: EvidenceKey, show: GuideShow): Figure | null {
  return FIGURES[key](show.summary, show.kept);
}

/** The round trips on a lane in the room where they took longest; null where nothing was timed. */
export function slowestOn(
  summary: Pick<ShowSummary, 'rooms'>,
  lane: LaneId,
): (LatencySummary & { skuId: string }) | null {
  const slowest = largest(summary.rooms, (room) => room.latency[lane]?.p95 ?? -1);
  const told = slowest?.latency[lane];
  return slowest && told && told.n > 0 ? { ...told, skuId: slowest.sku.id } : null;
}

/** The slowest part of some round trips that there are enough samples to speak of; null where nothing was timed. */
export function tailOf({ n, p50, p95, p99 }: LatencySummary): { name: string; ms: number } | null {
  if (n >= LEAST_FOR_P99 && p99 !== null) return { name: 'p99', ms: p99 };
  if (n >= LEAST_FOR_P95 && p95 !== null) return { name: 'p95', ms: p95 };
  return n > 0 && p50 !== null ? { name: 'p50', ms: p50 } : null;
}

/** Percentiles with their number of samples; null where nothing was timed. */
export function latencyWords({ n, p50, p95, p99 }: LatencySummary): string | null {
  if (n === 0 || p50 === null || p95 === null) return null;
  const told = [
    `p50 ${millis(p50)} ms`,
    ...(n >= LEAST_FOR_P95 ? [`p95 ${millis(p95)} ms`] : []),
    ...(n >= LEAST_FOR_P99 && p99 !== null ? [`p99 ${millis(p99)} ms`] : []),
  ];
  return `${told.join(', ')}, n = ${count(n)}`;
}

/** A room that a figure is taken from. */
interface Found {
  room: RoomSummary;
}
/** A lane of a room in one epoch. */
interface Run extends Found {
  lane: LaneSummary;
}

type Reader = (summary: ShownSummary, kept: GuideShow['kept']) => Figure | null;

const FIGURES: Readonly<Record<EvidenceKey, Reader>> = {
  safeStock: (summary) => {
    const runs = runsOf(summary, CAREFUL).filter(({ lane }) => answered(lane) > 0);
    const worst = largest(runs, ({ room, lane }) => lane.acknowledged - room.sku.capacity);
    if (!worst) return null;
    const { acknowledged, oversellDelta } = worst.lane;
    const over = oversellDelta > 0 ? phrase(`${count(oversellDelta)} oversold`) : phrase('none oversold');
    const sold = phrase(`${count(acknowledged)} of ${count(worst.room.sku.capacity)} sold at most`);
    const text =
      runs.length === 1
        ? phrase(`${sold}, ${over}, in 1 run`)
        : phrase(`${sold}, ${over}, in ${count(runs.length)} runs`);
    return measured(worst, text, worst.lane.simUnits);
  },
  eventualOversell: (summary) => {
    const worst = worstRoom(summary, ({ lane }) => lane.oversellDelta);
    if (!worst) return null;
    const { acknowledged, oversellDelta, simUnits } = worst.lane;
    const exist = count(worst.room.sku.capacity);
    const of =
      worst.runs === 1 ? phrase(`of ${exist}`) : phrase(`in ${count(worst.runs)} runs, of ${exist} each`);
    return measured(
      worst,
      phrase(`${count(oversellDelta)} too many: ${count(acknowledged)} sold ${of}`),
      simUnits,
    );
  },
  lostUpdates: (summary) => {
    const worst = worstRoom(summary, ({ lane }) => lane.lostUnits);
    if (!worst) return null;
    const { acknowledged, stored, lostUnits, simUnits } = worst.lane;
    const books =
      worst.runs === 1
        ? phrase(`${count(acknowledged)} sold, ${count(stored)} in the counter`)
        : phrase(
            `${count(acknowledged)} sold, ${count(stored)} in the counter at the ends of ${count(worst.runs)} runs`,
          );
    const lost = lostUnits === 1 ? phrase('1 unit lost') : phrase(`${count(lostUnits)} units lost`);
    return measured(worst, `${lost}: ${books}`, simUnits);
  },
  exposure: (summary) => {
    const worst = worstRoom(summary, ({ room }) => owedBy(room));
    if (!worst) return null;
    const { lane, room } = worst;
    return measured(
      worst,
      phrase(`${usd(owedBy(room))}: ${count(lane.oversellDelta)} at ${price(room.sku.unitPrice)}`),
      lane.simUnits,
    );
  },
  realSpend: (summary) => {
    const most = largest(rooms(summary), ({ room }) => room.money.realUsd);
    if (!most) return null;
    const { limitUsd } = most.room.money;
    const sum = usdFromPico(
      rooms(summary).reduce((all, { room }) => all + picoFromUsd(room.money.realUsd), 0n),
    );
    const isLocked = rooms(summary).some(({ room }) => room.money.locked);
    return measured(
      most,
      isLocked
        ? phrase(`${usd(sum)}, limit ${usd(limitUsd)}, a charge was refused`)
        : phrase(`${usd(sum)}, limit ${usd(limitUsd)}`),
    );
  },
  cost: (summary) => {
    const most = largest(rooms(summary), ({ room }) => virtualOf(room) ?? -1);
    const virtualUsd = most && virtualOf(most.room);
    if (!most || typeof virtualUsd !== 'number') return null;
    const { loadFactor, pricesReadOn } = most.room.money;
    const basis = phrase(`list prices of ${pricesReadOn}, each tap standing for ${count(loadFactor)}`);
    return { ...measured(most, phrase(`${usd(virtualUsd)} virtual: ${basis}`)), mark: 'ESTIMATE' };
  },
  load: (summary) => {
    const runs = allRuns(summary);
    const busiest = largest(runs, ({ lane }) => answered(lane));
    const answers = sumOf(runs, answered);
    if (!busiest || answers === 0) return null;
    const sales = sumOf(runs, ({ ops }) => ops);
    const simUnits = sumOf(runs, (lane) => lane.simUnits);
    return measured(
      busiest,
      answers === 1
        ? phrase(`1 answer, ${count(sales)} of them sales`)
        : phrase(`${count(answers)} answers, ${count(sales)} of them sales`),
      simUnits,
    );
  },
  safeLatency: (summary) => latency(summary, CAREFUL),
  eventualLatency: (summary) => latency(summary, CARELESS),
  recovery: (summary) => {
    const slowest = largest(rooms(summary), ({ room }) => room.recovery.maxMs ?? -1);
    const { reports = 0, p95Ms = null, maxMs = null, missing = 0 } = slowest?.room.recovery ?? {};
    if (!slowest || p95Ms === null || maxMs === null) return null;
    const time = reports < LEAST_FOR_P95 ? phrase(`slowest ${millis(maxMs)} ms`) : `p95 ${millis(p95Ms)} ms`;
    const missed = missing === 1 ? phrase('1 event missed') : phrase(`${count(missing)} events missed`);
    return measured(slowest, `${time}, ${missed}, n = ${count(reports)}`);
  },
  sideBySide: (summary) => {
    const [safe, eventual] = [runsOf(summary, CAREFUL), runsOf(summary, CARELESS)];
    const [bySafe, byEventual] = [sumOf(safe, answered), sumOf(eventual, answered)];
    const [first] = safe;
    if (!first || bySafe === 0 || byEventual === 0) return null;
    return measured(
      first,
      phrase(`${count(bySafe)} answers by the object, ${count(byEventual)} by way of D1`),
      sumOf([...safe, ...eventual], (lane) => lane.simUnits),
    );
  },
  kept: (summary, kept) => {
    const [first] = rooms(summary);
    if (!first || !kept) return null;
    const fields = kept.length === 1 ? phrase('1 field') : phrase(`${count(kept.length)} fields`);
    return measured(first, `${fields}: ${kept.join(', ')}`);
  },
  refusals: (summary) => {
    const runs = allRuns(summary);
    const most = largest(runs, ({ lane }) => lane.refused);
    if (!most || most.lane.refused === 0) return null;
    const byCode = new Map<string, number>();
    for (const [code, times] of runs.flatMap(({ lane }) => Object.entries(lane.refusedByCode))) {
      byCode.set(code, (byCode.get(code) ?? 0) + (times ?? 0));
    }
    return measured(most, refusalLine(byCode));
  },
};

function latency(summary: ShownSummary, lane: LaneId): Figure | null {
  const slowest = slowestOn(summary, lane);
  const words = slowest && latencyWords(slowest);
  return slowest && words !== null
    ? { mark: 'MEASURED', text: words, simUnits: 0, skuId: slowest.skuId }
    : null;
}

function measured({ room }: Found, text: string, simUnits = 0): Figure {
  return { mark: 'MEASURED', text, simUnits, skuId: room.sku.id };
}

function rooms(summary: Pick<ShowSummary, 'rooms'>): Found[] {
  return summary.rooms.map((room) => ({ room }));
}

/** Every run of a lane, room by room: a run lasts from one reset to the next. */
export function runsOf({ rooms }: Pick<ShowSummary, 'rooms'>, of: LaneId): Run[] {
  return rooms.flatMap((room) =>
    room.epochs.flatMap(({ lanes }) => {
      const lane = lanes[of];
      return lane ? [{ room, lane }] : [];
    }),
  );
}

/** Every run of every lane, lane by lane. */
function allRuns(summary: ShownSummary): Run[] {
  const lanes = new Set(summary.rooms.flatMap(lanesOfRoom));
  return [...lanes].flatMap((lane) => runsOf(summary, lane));
}

/** The room in which the eventual lane was worst over all epochs, as on its card; none where nobody tapped on it. */
function worstRoom(summary: ShownSummary, by: (run: Run) => number): (Run & { runs: number }) | undefined {
  const sold = summary.rooms.filter((room) => lanesOfRoom(room).includes(CARELESS));
  const all = sold.map((room) => ({
    room,
    lane: laneOverall(room, CARELESS),
    runs: runsOf({ rooms: [room] }, CARELESS).filter(({ lane }) => answered(lane) > 0).length,
  }));
  return largest(
    all.filter(({ runs }) => runs > 0),
    by,
  );
}

/** Orders of a run that were answered. */
export function answered(lane: LaneSummary): number {
  return lane.ops + lane.refused;
}

function sumOf(runs: readonly Run[], of: (lane: LaneSummary) => number): number {
  return runs.reduce((sum, { lane }) => sum + of(lane), 0);
}

function largest<T>(all: readonly T[], by: (one: T) => number): T | undefined {
  let best: T | undefined;
  for (const one of all) if (best === undefined || by(one) > by(best)) best = one;
  return best;
}
