/**
 * Cost of a show of half an hour at list price, by the room's own meters: joining is metered once, a minute of tapping is
 * metered and multiplied by thirty, and renewals are metered and multiplied by how often the pages renew.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { forEach } from '../../scripts/lib/at-once.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import type { FullState } from '../lib/meters.ts';
import { stateOf } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

const SHOW_MINUTES = 30;
/** The pages renew a session of 20 minutes after three quarters of it. */
const RENEWED_EVERY_MINUTES = 15;
/** Units of the default show. A minute that sells all of them, thirty times, is a show with a reset every minute. */
const CAPACITY = 100;
/** Pause for the meters of calls, which reach the room after their answers, milliseconds. */
const TOLD_MS = 1_500;
const RENEWALS_AT_ONCE = 16;
const TARGET_USD = 0.02;

export const cost: Measure = { name: 'cost', fresh: false, run };

async function run({ ours, debugToken, options, table }: Bench): Promise<Figure[]> {
  const { phones: people, taps, hold } = options;
  const show = await openShow(ours, debugToken, { capacity: CAPACITY });
  const state = async () => {
    await pause(TOLD_MS);
    return stateOf(ours, show, show.skuIds[0] ?? '');
  };
  const sessions = await ours.joinAll(show.show, people);
  const phones = sessions.map((session) => phoneOf(ours, session));
  const stage = phoneOf(ours, show);
  await connectAll([stage, ...phones]);
  const joined = await state();
  const { outcomes } = await tapUntilAnswered(phones, {
    perSecond: people * taps,
    seconds: hold,
    seed: 1,
    saysSeen: true,
  });
  const tapped = await state();
  await forEach([show, ...sessions], RENEWALS_AT_ONCE, ({ token }) =>
    ours.call('/auth/renew', { token, body: {} }),
  );
  const renewed = await state();
  closeAll([stage, ...phones]);
  const minutes = hold / 60;
  const usd = {
    joining: joined.ledger.platformUsd,
    minute: (tapped.ledger.platformUsd - joined.ledger.platformUsd) / minutes,
    renewing: renewed.ledger.platformUsd - tapped.ledger.platformUsd,
  };
  const { total, renewals } = costOfShow(usd, SHOW_MINUTES);
  table({
    title: `A minute of ${people} phones × ${taps} taps/s, by the room’s meters`,
    columns: ['meter', 'a minute', '$ a minute', `$ in ${SHOW_MINUTES} minutes`],
    rows: linesOf(joined, tapped, minutes),
  });
  const cents = (each: number) => `$${each.toFixed(5)}`;
  return [
    figureOf({
      what: `cost of a minute, ${people} phones × ${taps} taps/s`,
      unit: '$',
      ours: [usd.minute],
      note: `measured over ${hold} s: ${JSON.stringify(outcomes)}`,
    }),
    figureOf({
      what: `cost of a show of ${SHOW_MINUTES} minutes, ${people} phones × ${taps} taps/s`,
      unit: '$',
      ours: [total],
      // A shorter run sells all of the stock too, which is then multiplied as well: an upper bound, so it has no target.
      ...(hold >= 60 && { target: { atMost: TARGET_USD } }),
      note: `${cents(usd.joining)} opening and joining + ${SHOW_MINUTES} × ${cents(usd.minute)} + ${renewals} × ${cents(usd.renewing)} renewing`,
    }),
  ];
}

/**
 * Cost of a show in decimal USD from the metered cost of its parts: opening and joining once, a minute of taps for each of
 * its minutes, and as many renewals as fit in; a renewal in the last minute is not made.
 */
export function costOfShow(
  usd: { joining: number; minute: number; renewing: number },
  minutes: number,
): { total: number; renewals: number } {
  const renewals = Math.ceil(minutes / RENEWED_EVERY_MINUTES) - 1;
  return { total: usd.joining + minutes * usd.minute + renewals * usd.renewing, renewals };
}

function linesOf(before: FullState, after: FullState, minutes: number): string[][] {
  return after.ledger.lines.map(({ meter, quantity, usd }) => {
    const earlier = before.ledger.lines.find((line) => line.meter === meter);
    const perMinute = (quantity - (earlier?.quantity ?? 0)) / minutes;
    const usdPerMinute = (usd - (earlier?.usd ?? 0)) / minutes;
    return [meter, perMinute.toFixed(0), usdPerMinute.toFixed(6), (SHOW_MINUTES * usdPerMinute).toFixed(5)];
  });
}
