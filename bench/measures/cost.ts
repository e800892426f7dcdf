/** What a room costs at list price, by its own meters: a show of half an hour, and how cost and work grow with phones and taps. */
import { setTimeout as pause } from 'node:timers/promises';
import { forEach } from '../../scripts/crowd/site.ts';
import type { Measure, Room } from '../lib/bench.ts';
import { closeAll } from '../lib/bench.ts';
import { figureOf } from '../lib/figures.ts';
import { stateOf, safeOps } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { stretch } from '../lib/processes.ts';
import { short } from '../lib/table.ts';

const SHOW_MINUTES = 30;
/** The pages renew a session of 20 minutes after three quarters of it. */
const RENEWED_EVERY_MINUTES = 15;
/** Units of the default show. A minute that sells all of them, thirty times, is a show with a reset every minute. */
const CAPACITY = 100;
/** Pause for the meters of calls, which reach the room after their answers, milliseconds. */
const TOLD_MS = 1_500;
const RENEWALS_AT_ONCE = 16;
const TARGET_USD = 0.02;

/**
 * Cost of a show of half an hour: joining is metered once, a minute of tapping is metered and multiplied by thirty, and
 * renewals are metered and multiplied by how often the pages renew.
 */
export const cost: Measure = {
  name: 'cost',
  async run(bench) {
    const { phones: people, taps, hold } = bench.options;
    const room = await bench.room(people, { capacity: CAPACITY });
    const { show, sessions, phones } = room;
    const stage = bench.phone(show);
    await stage.connect();
    const state = async () => {
      await pause(TOLD_MS);
      return stateOf(bench, room);
    };
    const joined = await state();
    const { outcomes } = await tapUntilAnswered(phones, {
      perSecond: people * taps,
      seconds: hold,
      seed: 1,
      saysSeen: true,
    });
    const tapped = await state();
    await forEach([show, ...sessions], RENEWALS_AT_ONCE, ({ token }) =>
      bench.ours.call('/auth/renew', { token, body: {} }),
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
    const crowd = `${people} phones × ${taps} taps/s`;
    bench.table({
      title: `A minute of ${crowd}, by the room’s meters`,
      columns: ['meter', 'a minute', '$ a minute', `$ in ${SHOW_MINUTES} minutes`],
      rows: tapped.ledger.lines.map(({ meter, ...line }) => {
        const earlier = joined.ledger.lines.find((each) => each.meter === meter);
        const perMinute = (line.quantity - (earlier?.quantity ?? 0)) / minutes;
        const usdEach = (line.usd - (earlier?.usd ?? 0)) / minutes;
        return [meter, perMinute.toFixed(0), usdEach.toFixed(6), (SHOW_MINUTES * usdEach).toFixed(5)];
      }),
    });
    const cents = (each: number) => `$${each.toFixed(5)}`;
    return [
      figureOf({
        what: `cost of a minute, ${crowd}`,
        unit: '$',
        ours: [usd.minute],
        note: `measured over ${hold} s: ${JSON.stringify(outcomes)}`,
      }),
      figureOf({
        what: `cost of a show of ${SHOW_MINUTES} minutes, ${crowd}`,
        unit: '$',
        ours: [total],
        // A shorter run sells all of the stock too, which is then multiplied as well: an upper bound, so it has no target.
        target: hold >= 60 ? { atMost: TARGET_USD } : undefined,
        note: `${cents(usd.joining)} opening and joining + ${SHOW_MINUTES} × ${cents(usd.minute)} + ${renewals} × ${cents(usd.renewing)} renewing`,
      }),
    ];
  },
};

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

const PHONES = [10, 50, 200, 1_000, 5_000];
const TAPS = [10, 50, 200, 500, 2_000];
/** Taps a second of the table over phones. */
const FIXED_TAPS = 50;
/** Most taps a second of one phone: half of what its socket may send. */
const TAPS_EACH = 10;
const MAX_SECONDS = 5;
const SHORT_SECONDS = 0.8;
const COLUMNS =
  'phones|taps/s|granted/s|frames/s|frames/s each|server CPU, % of a core|$ a minute|$ a minute for 1,000 frames/s'.split(
    '|',
  );

/** Cost and processor time by phones at a fixed rate, and by taps at fixed phones: two tables without targets. */
export const curve: Measure = {
  name: 'curve',
  longOnly: true,
  async run(bench) {
    const { options } = bench;
    const seconds = options.short ? SHORT_SECONDS : Math.min(options.seconds, MAX_SECONDS);

    /** A row of a table. */
    const point = async (room: Room, perSecond: number) => {
      const { phones } = room;
      const before = await stateOf(bench, room);
      const pace = { perSecond, seconds, seed: 1, saysSeen: true };
      const { frames, use } = await stretch(phones, bench.groups.ours, () => tapUntilAnswered(phones, pace));
      const after = await stateOf(bench, room);
      closeAll(phones);
      bench.say(`curve: ${phones.length} phones, ${perSecond} taps/s`);
      const { wallSeconds, serverSeconds } = use;
      const framesPerSecond = frames / wallSeconds;
      const usdPerMinute = ((after.ledger.platformUsd - before.ledger.platformUsd) / wallSeconds) * 60;
      return [
        String(phones.length),
        String(perSecond),
        short((safeOps(after) - safeOps(before)) / wallSeconds),
        short(framesPerSecond),
        short(framesPerSecond / phones.length),
        short((100 * serverSeconds) / wallSeconds),
        usdPerMinute.toFixed(5),
        ((1_000 * usdPerMinute) / framesPerSecond).toFixed(6),
      ];
    };

    const most = options.short ? options.sockets : options.house;
    const byPhones: string[][] = [];
    const crowd = bench.roomsFor(most);
    for (const people of thin([...PHONES.filter((each) => each < most), most], options.short)) {
      byPhones.push(await point(await crowd(people), FIXED_TAPS));
    }
    const byTaps: string[][] = [];
    const phones = bench.roomsFor(options.phones);
    const rates = TAPS.filter((taps) => taps <= TAPS_EACH * options.phones);
    for (const taps of thin(rates, options.short)) byTaps.push(await point(await phones(), taps));
    const { table } = bench;
    table({ title: `Cost and work at ${FIXED_TAPS} taps/s, by phones`, columns: COLUMNS, rows: byPhones });
    table({
      title: `Cost and work of ${options.phones} phones, by taps a second`,
      columns: COLUMNS,
      rows: byTaps,
    });
    return [];
  },
};

/** Only the first, middle and last point in the short form. */
function thin(points: number[], isShort: boolean): number[] {
  if (!isShort) return points;
  return [0, Math.floor(points.length / 2), points.length - 1].flatMap((place) => points[place] ?? []);
}
