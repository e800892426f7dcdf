/** Result of a crowd of simulated shoppers, in words. */
import type { AnswerOf } from '#lib/client/presenter-api.ts';
import { count } from '#lib/components/format.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';

/** One line of the panel: for all shoppers, or for one lane that they asked. */
export interface CrowdLine {
  /** The lane's name; empty where only one lane was asked. */
  lane: string;
  allocated: number;
  asked: number;
  refused: number;
  /** Refusals by reason with their numbers; empty where there are none. */
  reasons: string;
}

/** One line for each lane that was asked. In `both` a shopper may be allocated on one lane and refused on the other. */
export function crowdLines({ requested, allocated, refused, byCode, lanes }: AnswerOf<'rush'>): CrowdLine[] {
  if (!lanes) return [{ lane: '', allocated, asked: requested, refused, reasons: reasonsOf(byCode) }];
  return LANE_IDS.flatMap((lane) => {
    const said = lanes[lane];
    if (!said) return [];
    const asked = said.allocated + said.refused;
    return [
      { lane, allocated: said.allocated, asked, refused: said.refused, reasons: reasonsOf(said.byCode) },
    ];
  });
}

/** Number of shoppers that admission refused, so that no lane was asked. */
export function turnedAwayBefore(result: AnswerOf<'rush'>): number {
  if (!result.lanes) return 0;
  return result.requested - Math.max(0, ...crowdLines(result).map(({ asked }) => asked));
}

function reasonsOf(byCode: AnswerOf<'rush'>['byCode']): string {
  return Object.entries(byCode)
    .map(([code, times]) => `${code} ${count(times)}`)
    .join(', ');
}
