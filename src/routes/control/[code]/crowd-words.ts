/** Result of a crowd of simulated shoppers, in words. */
import type { AnswerOf } from '#lib/client/presenter-api.ts';
import { refusalLine } from '#lib/components/refusal-words.ts';
import { lanesIn } from '#lib/domain/by-lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';

/** One line of the panel: for all shoppers, or for one lane that they asked. */
export interface CrowdLine {
  /** The lane's name; empty where only one lane was asked. */
  lane: LaneId | '';
  allocated: number;
  asked: number;
  refused: number;
  /** Refusals by reason with their numbers; empty where there are none. */
  reasons: string;
}

/** One line for each lane that was asked. In `both` a shopper may be allocated on one lane and refused on the other. */
export function crowdLines({ requested, allocated, refused, byCode, lanes }: AnswerOf<'rush'>): CrowdLine[] {
  if (!lanes)
    return [{ lane: '', allocated, asked: requested, refused, reasons: refusalLine(Object.entries(byCode)) }];
  return lanesIn(lanes).map(([lane, { allocated, refused, byCode }]) => {
    return {
      lane,
      allocated,
      asked: allocated + refused,
      refused,
      reasons: refusalLine(Object.entries(byCode)),
    };
  });
}

/** Number of shoppers that admission refused, so that no lane was asked. */
export function turnedAwayBefore(result: AnswerOf<'rush'>): number {
  if (!result.lanes) return 0;
  return result.requested - Math.max(0, ...crowdLines(result).map(({ asked }) => asked));
}

/** True when the room was held and so nobody could buy: then there is one sentence to say, and no result. */
export function wasHeldBack({ requested, byCode }: AnswerOf<'rush'>): boolean {
  return byCode.HELD === requested;
}
