/** Adds up a rush from its shoppers' final answers, for a room and for a rehearsal alike. */
import { assert } from '#lib/domain/assert.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId, LaneResult, LaneResults } from '#lib/domain/lane.ts';
import type { RushLane, RushResult } from './http.ts';

/** A shopper's final answer: each lane's result, or the refusal by admission, after which no lane was asked. */
export type FinalAnswer = { lanes: LaneResults } | { refusal: { code: ErrorCode } };

/** Counts every shopper once; when several lanes answered, `lanes` counts each lane's answers by itself as well. */
export function rushResult(answers: readonly FinalAnswer[]): RushResult {
  const byCode: RushResult['byCode'] = {};
  let allocated = 0;
  for (const answer of answers) {
    const code = finalCode(answer);
    if (code === null) allocated += 1;
    else byCode[code] = (byCode[code] ?? 0) + 1;
  }
  const requested = answers.length;
  const asked = answers.flatMap((answer) => ('lanes' in answer ? [answer.lanes] : []));
  const lanes = LANE_IDS.flatMap((lane): [LaneId, RushLane][] => {
    const results = asked.flatMap((each) => each[lane] ?? []);
    return results.length === 0 ? [] : [[lane, laneOf(results)]];
  });
  const each = lanes.length > 1 ? { lanes: Object.fromEntries(lanes) } : {};
  return { requested, allocated, refused: requested - allocated, byCode, ...each };
}

function laneOf(results: readonly LaneResult[]): RushLane {
  const byCode: RushLane['byCode'] = {};
  for (const { code } of results) if (code) byCode[code] = (byCode[code] ?? 0) + 1;
  const of = (status: LaneResult['status']) => results.filter((result) => result.status === status).length;
  return { allocated: of('allocated'), refused: of('refused'), byCode };
}

/** Null when any lane allocated; else the code of the first refusal. */
function finalCode(answer: FinalAnswer): ErrorCode | null {
  if ('refusal' in answer) return answer.refusal.code;
  const results = Object.values(answer.lanes);
  if (results.some(({ status }) => status === 'allocated')) return null;
  const code = results.find((result) => result.code)?.code;
  assert(code, 'a final answer that allocated nothing says why');
  return code;
}
