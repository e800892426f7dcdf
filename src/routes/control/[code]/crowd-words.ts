/** What became of a crowd, as figures with their words. */
import type { AnswerOf } from '#lib/client/answers.ts';
import { count } from '#lib/components/format.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';

/** One line of the panel: of all shoppers, or of one lane that they asked. */
export interface CrowdLine {
  /** Empty where one lane was asked. */
  lane: string;
  allocated: number;
  asked: number;
  refused: number;
  /** Reasons of the refusals with their numbers; empty where there are none. */
  reasons: string;
}

/** A line for each lane that was asked. On both, who got theirs on one of them may have been turned away by the other. */
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

/** Shoppers that no lane was asked for: a crowd that is too much, a lock, a guardrail that blocks. */
export function turnedAwayBefore(result: AnswerOf<'rush'>): number {
  if (!result.lanes) return 0;
  return result.requested - Math.max(0, ...crowdLines(result).map(({ asked }) => asked));
}

function reasonsOf(byCode: AnswerOf<'rush'>['byCode']): string {
  return Object.entries(byCode)
    .map(([code, times]) => `${code} ${count(times)}`)
    .join(', ');
}
