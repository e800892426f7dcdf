/** What guardrail and lock mean for sales, in sentences that stay true whatever the other of them does. */
import type { LaneCounters } from '#lib/domain/lane.ts';
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import type { GuardrailState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count, price, usd } from './format.ts';

/** That the guardrail has tripped, and by what. A cost that is exactly the threshold is at it, not past it. */
export function tripWords(
  { by, thresholdUsd }: Pick<GuardrailState, 'by' | 'thresholdUsd'>,
  virtualUsd: number,
): string {
  if (by === 'presenter') return phrase('Guardrail: tripped by the presenter’s hand.');
  return virtualUsd > thresholdUsd
    ? phrase(`Guardrail: past ${price(thresholdUsd)}.`)
    : phrase(`Guardrail: at ${price(thresholdUsd)}.`);
}

/** What a tripped guardrail does to sales. Once the lock has refused a charge in this epoch, sales need not go on. */
export function saleWords({ action }: Pick<GuardrailState, 'action'>, ledger: LedgerTotals): string {
  if (action === 'block') return phrase('It blocks: sales are refused.');
  return ledger.locked
    ? `${phrase('It only warns.')} ${lockWords(ledger)}`
    : phrase('It warns: sales go on.');
}

/** What the lock does once it is engaged. It weighs each charge, so that a smaller one may still pass. */
export function lockWords({ limitUsd }: Pick<LedgerTotals, 'limitUsd'>): string {
  return phrase(`The lock refuses what would pass ${usd(limitUsd)}.`);
}

/** Orders that lock and guardrail have refused on a lane in this epoch; each in a few words, with its figure. */
export function stoppedWords({
  refused,
}: Pick<LaneCounters, 'refused'>): { figure: string; words: string }[] {
  const stopped = [
    { times: refused.REAL_BUDGET_EXCEEDED ?? 0, words: phrase('refused by the lock') },
    { times: refused.GUARDRAIL_BLOCKED ?? 0, words: phrase('refused by the guardrail') },
  ];
  return stopped.flatMap(({ times, words }) => (times > 0 ? [{ figure: count(times), words }] : []));
}
