/** What the money scene says and how its bar is drawn, each from the ledger and the counters alone. */
import { count, price, usd } from '#lib/components/format.ts';
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import type { GuardrailState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';

/** An amount as a giant figure: from a thousand dollars on its cents are set smaller, because the room reads the rest. */
export interface GiantAmount {
  whole: string;
  /** Empty where the cents belong to the figure. */
  cents: string;
  /** Its width in em of the figure's face, a little more than it takes. */
  em: number;
}

/** Widths in em of a tabular figure and of the marks between them; size of the cents against the rest. */
const FIGURE_EM = 0.59;
const MARK_EM = 0.29;
export const CENTS_SIZE = 0.42;

/** An amount of decimal USD in giant figures. */
export function giantAmount(amountUsd: number): GiantAmount {
  const text = usd(amountUsd);
  const split = amountUsd < 1_000 ? text.length : text.length - 3;
  const [whole, cents] = [text.slice(0, split), text.slice(split)];
  return { whole, cents, em: widthEm(whole) + CENTS_SIZE * widthEm(cents) };
}

function widthEm(text: string): number {
  return [...text].reduce((em, sign) => em + (/[.,]/.test(sign) ? MARK_EM : FIGURE_EM), 0);
}

/** Shares of the bar's whole length: it is as long as the cost, or as the threshold while that is more. */
export interface MoneyBar {
  taps: number;
  owed: number;
  threshold: number;
}

/** The bar to scale. */
export function moneyBar(
  { virtualUsd, exposureUsd }: Pick<LedgerTotals, 'virtualUsd' | 'exposureUsd'>,
  thresholdUsd: number,
): MoneyBar {
  const full = Math.max(virtualUsd, thresholdUsd);
  if (full <= 0) return { taps: 0, owed: 0, threshold: 0 };
  const owed = Math.min(exposureUsd, virtualUsd);
  return { taps: (virtualUsd - owed) / full, owed: owed / full, threshold: thresholdUsd / full };
}

/** The two parts of the estimate, which add up to it. */
export function estimateWords({
  virtualUsd,
  exposureUsd,
  loadFactor,
}: Pick<LedgerTotals, 'virtualUsd' | 'exposureUsd' | 'loadFactor'>): string {
  const [owed, taps] = [usd(exposureUsd), usd(virtualUsd - exposureUsd)];
  return phrase(`${owed} to pay back + ${taps} platform, each tap standing for ${count(loadFactor)}`);
}

/** What was sold beyond what exists, on all lanes. */
export interface Owed {
  units: number;
  /** Who hold those units; null where they cannot be counted, as over several lanes. */
  people: number | null;
  /** How many of them are simulated shoppers, as far as they can be counted. */
  sim: number;
  unitPriceUsd: number;
}

/** Whom the shop owes. */
export function debtors({ units, people }: Owed): string {
  if (units === 0) return phrase('You owe nobody');
  if (people === null) return phrase('You owe');
  return people === 1 ? phrase('You owe 1 person') : phrase(`You owe ${count(people)} people`);
}

/** How the sum comes about. */
export function debtWords({ units, people, unitPriceUsd }: Owed): string {
  if (units === 0) return phrase('Nothing was sold beyond what exists.');
  const each = price(unitPriceUsd);
  if (people === units) return phrase(`${count(units)} × ${each}, each sold what was not there`);
  return phrase(`${count(units)} sold too many × ${each}`);
}

/** What decides whether sales go on. */
export interface Selling {
  guardrail: Pick<GuardrailState, 'tripped' | 'action' | 'thresholdUsd'>;
  ledger: Pick<LedgerTotals, 'locked' | 'virtualUsd' | 'limitUsd'>;
  /** Units sold since the trip; null while the log has not told. */
  soldSince: number | null;
  ended: boolean;
}

/** What became of sales, and why. */
export function sellingWords({ guardrail, ledger, soldSince, ended }: Selling): [head: string, why: string] {
  const { tripped, action, thresholdUsd } = guardrail;
  if (ended) return [phrase('The show is over.'), phrase('Nothing is sold any more.')];
  if (tripped && action === 'block')
    return [phrase('Sales stopped.'), phrase('This guardrail blocks: what comes in is refused.')];
  if (ledger.locked)
    return [
      phrase('The lock refuses.'),
      phrase(`Nothing that would bill more than ${usd(ledger.limitUsd)} passes.`),
    ];
  if (!tripped) {
    const far = phrase(`The estimate stands at ${usd(ledger.virtualUsd)} of ${price(thresholdUsd)}.`);
    return [phrase('Not tripped yet.'), far];
  }
  const why = phrase('The guardrail warns. It never stops a sale.');
  if (soldSince === null) return [phrase('Sales go on.'), why];
  return [phrase(`Sales go on: ${count(soldSince)} since.`), why];
}

/** What the lock between the two figures does. */
export function lockState({ locked, limitUsd }: Pick<LedgerTotals, 'locked' | 'limitUsd'>): {
  isShut: boolean;
  words: string;
} {
  if (locked) return { isShut: true, words: phrase(`LOCK ENGAGED at ${usd(limitUsd)}`) };
  if (limitUsd === 0) return { isShut: true, words: phrase('LOCKED') };
  return { isShut: false, words: phrase(`lets up to ${usd(limitUsd)} through`) };
}
