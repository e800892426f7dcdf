/** What the newest run of a lane came to, in words, and what a year of such sales would cost. Nothing replaces what was not measured. */
import { count, usdBrief, withPoint } from '#lib/components/format.ts';
import { distanceWords, labelWords } from '#lib/components/strategy-words.ts';
import { engineIn, isOwn } from '#lib/domain/engines.ts';
import type { LaneEngine } from '#lib/domain/engines.ts';
import { yearlyCost } from '#lib/domain/engine-prices.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { LatencySummary } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { LaneSummary, RoomSummary } from '#lib/summary/show-summary.ts';
import { latencyWords } from './figures.ts';
import type { ShownSummary } from './figures.ts';

/** A lane from one reset to the next, in one room. */
export interface LaneRun {
  room: RoomSummary;
  lane: LaneSummary;
  label: LaneEngine['label'];
  /** Over the room's whole life, as phones felt it. */
  latency: LatencySummary | null;
  /** Of one sale, on average: 1 on the platform's own lanes, which never try again; null where nobody told. */
  attempts: number | null;
}

/** The newest run on which a lane sold; null where it never did. */
export function newestRunOn({ rooms }: Pick<ShownSummary, 'rooms'>, id: LaneId): LaneRun | null {
  let newest: { room: RoomSummary; lane: LaneSummary; atMs: number } | null = null;
  for (const room of rooms) {
    for (const { lanes, startedAtMs: atMs } of room.epochs) {
      const lane = lanes[id];
      if (lane && lane.ops > 0 && atMs >= (newest?.atMs ?? 0)) newest = { room, lane, atMs };
    }
  }
  if (!newest) return null;
  const { room, lane } = newest;
  const told = lane.work && lane.work.worked > 0 ? lane.work.attempts / lane.work.worked : null;
  return {
    room,
    lane,
    label: engineIn(room, id).label,
    latency: room.latency[id] ?? null,
    attempts: isOwn(id) ? 1 : told,
  };
}

/** Whether it kept its word. */
export function resultWords({ room, lane: { acknowledged, oversellDelta, lostUnits } }: LaneRun): string {
  const sold = phrase(`${count(acknowledged)} of ${count(room.sku.capacity)} sold`);
  if (oversellDelta > 0) return phrase(`${sold}, ${count(oversellDelta)} too many, ${count(lostUnits)} lost`);
  return lostUnits > 0 ? phrase(`${sold}, ${count(lostUnits)} lost`) : phrase(`${sold}, exact`);
}

/** How long answers took; null where nobody timed one. */
export function answerWords({ latency }: LaneRun): string | null {
  return latency && latencyWords(latency);
}

/** What answered, and how far away it was made to seem. */
export function engineWordsOf({ label, lane: { distancesMs = [] } }: LaneRun): string {
  const far = distancesMs.filter((ms) => ms > 0).map(distanceWords);
  const near = distancesMs.includes(0) && far.length > 0 ? [phrase('no distance')] : [];
  return [labelWords(label), ...near, ...far].join(' · ');
}

/** What a year costs by the attempts that were counted; null where they were not. */
export function costWords({ attempts }: LaneRun, id: LaneId): string | null {
  if (attempts === null) return null;
  const a = withPoint(attempts.toFixed(1));
  const year = usdBrief(Math.round(yearlyCost(id, attempts).usd));
  return attempts === 1
    ? phrase(`${year} a year, at 1 attempt a sale`)
    : phrase(`${year} a year, at ${a} attempts a sale`);
}
