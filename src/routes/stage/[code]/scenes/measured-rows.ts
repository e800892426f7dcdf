/** What the lanes of a show measured for each alternative of the guide that they stand for. */
import { distanceWords, labelWords } from '#lib/components/strategy-words.ts';
import { byLane, idsIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LatencySummary, RoomState } from '#lib/domain/room-state.ts';
import { ALTERNATIVE_OF } from '#lib/guide/alternative-lanes.ts';
import { slowestOn, tailOf } from '../../../guide/figures.ts';
import type { ShownSummary } from '../../../guide/figures.ts';
import { readResult, tallyOf, together } from './results.ts';
import type { Tally } from './results.ts';

/** The lanes of one alternative together. */
export interface MeasuredRow {
  tally: Tally;
  /** Round trips on the slowest of them; null where nothing was timed. */
  slowest: LatencySummary | null;
  /** What its engines are, and how far away they are made to seem, in words; each said once. */
  marks: readonly string[];
}

/** By the id of the alternative; `engines` are those of the lanes as they are now. */
export function measuredRows(
  summary: ShownSummary,
  engines: RoomState['lanes'],
): ReadonlyMap<string, MeasuredRow> {
  const results = together(summary.rooms.map(readResult)).lanes;
  const lanes = idsIn(results);
  const alternatives = [...new Set(lanes.map((lane) => ALTERNATIVE_OF[lane]))];
  return new Map(
    alternatives.map((alternative) => {
      const own = lanes.filter((lane) => ALTERNATIVE_OF[lane] === alternative);
      const timed = own.flatMap((lane) => slowestOn(summary, lane) ?? []);
      const marks = own.flatMap((lane) => {
        const { label, distanceMs } = ofLane(engines, lane).engine;
        return [labelWords(label), distanceWords(distanceMs)].filter((words) => words !== '');
      });
      const row: MeasuredRow = {
        tally: tallyOf(byLane(own, (lane) => ofLane(results, lane))),
        slowest: timed.sort((one, other) => msOf(other) - msOf(one))[0] ?? null,
        marks: [...new Set(marks)],
      };
      return [alternative, row];
    }),
  );
}

function msOf(latency: LatencySummary): number {
  return tailOf(latency)?.ms ?? 0;
}
