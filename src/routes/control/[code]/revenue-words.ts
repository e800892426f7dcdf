/** From milliseconds to revenue, in one line with its formula. */
import { hourlyUsd } from '#lib/client/revenue.ts';
import type { RevenueNumbers } from '#lib/client/revenue.ts';
import { count, millis, usd } from '#lib/components/format.ts';
import { phrase } from '#lib/language/phrase.ts';

/** The estimate; empty while something is missing: the presenter's numbers, or a measured answer time (milliseconds). */
export function revenueWords(numbers: RevenueNumbers | null, measuredMs: number | null): string {
  if (numbers === null || measuredMs === null) return '';
  const { salesUsd, lostPercent, todayMs } = numbers;
  const measured = millis(measuredMs);
  if (todayMs <= measuredMs) return phrase(`At your ${count(todayMs)} ms, ${measured} ms is no gain.`);
  const hourly = usd(hourlyUsd(numbers, measuredMs));
  return phrase(
    `ESTIMATE: ${hourly} an hour = ${usd(salesUsd)} × ${lostPercent} % per 100 ms × (${count(todayMs)} − ${measured}) ms.`,
  );
}
