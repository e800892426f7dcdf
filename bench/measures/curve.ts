/** How cost and processor time grow with phones at a fixed rate, and with taps at fixed phones: two tables without targets. */
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { safeOps, stateOf } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { closeAll, Rooms } from '../lib/rooms.ts';
import { short } from '../lib/table.ts';
import { watchUse } from '../lib/use.ts';

const PHONES = [10, 50, 200, 1_000, 5_000];
const TAPS = [10, 50, 200, 500, 2_000];
/** Taps a second of the table over phones. */
const FIXED_TAPS = 50;
/** Most taps a second of one phone: half of what its socket may send. */
const TAPS_EACH = 10;
const MAX_SECONDS = 5;
const SHORT_SECONDS = 0.8;
const COLUMNS = [
  'phones',
  'taps/s',
  'granted/s',
  'frames/s',
  'frames/s each',
  'server CPU, % of a core',
  '$ a minute',
  '$ a minute for 1,000 frames/s',
];

export const curve: Measure = { name: 'curve', fresh: false, longOnly: true, run };

async function run(bench: Bench): Promise<Figure[]> {
  const { options, table } = bench;
  const { phones: fixed } = options;
  const most = options.short ? options.sockets : options.house;
  const crowds = thin([...PHONES.filter((phones) => phones < most), most], options.short);
  const rates = thin(
    TAPS.filter((taps) => taps <= TAPS_EACH * fixed),
    options.short,
  );
  const byPhones = new Rooms(bench, most);
  const title = `at ${FIXED_TAPS} taps/s, by phones`;
  table({
    title: `Cost and work ${title}`,
    columns: COLUMNS,
    rows: await rowsOf(crowds, (people) => point(bench, byPhones, people, FIXED_TAPS)),
  });
  const byTaps = new Rooms(bench, fixed);
  table({
    title: `Cost and work of ${fixed} phones, by taps a second`,
    columns: COLUMNS,
    rows: await rowsOf(rates, (taps) => point(bench, byTaps, fixed, taps)),
  });
  return [];
}

/** Only the first, middle and last point in the short form. */
function thin(points: number[], isShort: boolean): number[] {
  if (!isShort) return points;
  return [0, Math.floor(points.length / 2), points.length - 1].flatMap((place) => points[place] ?? []);
}

async function rowsOf(points: number[], row: (point: number) => Promise<string[]>): Promise<string[][]> {
  const rows: string[][] = [];
  for (const each of points) rows.push(await row(each));
  return rows;
}

async function point(
  { ours, groups, options, say }: Bench,
  rooms: Rooms,
  people: number,
  perSecond: number,
): Promise<string[]> {
  const { show, skuId, phones } = await rooms.next(people);
  const seconds = options.short ? SHORT_SECONDS : Math.min(options.seconds, MAX_SECONDS);
  const frames = () => phones.reduce((sum, phone) => sum + phone.frames, 0);
  const before = await stateOf(ours, show, skuId);
  const framesBefore = frames();
  const watched = watchUse(groups.ours);
  await tapUntilAnswered(phones, { perSecond, seconds, seed: 1, saysSeen: true });
  const { wallSeconds, serverSeconds } = watched();
  const framesPerSecond = (frames() - framesBefore) / wallSeconds;
  const after = await stateOf(ours, show, skuId);
  closeAll(phones);
  say(`curve: ${people} phones, ${perSecond} taps/s`);
  const usdPerMinute = ((after.ledger.platformUsd - before.ledger.platformUsd) / wallSeconds) * 60;
  return [
    String(people),
    String(perSecond),
    short((safeOps(after) - safeOps(before)) / wallSeconds),
    short(framesPerSecond),
    short(framesPerSecond / people),
    short((100 * serverSeconds) / wallSeconds),
    usdPerMinute.toFixed(5),
    ((1_000 * usdPerMinute) / framesPerSecond).toFixed(6),
  ];
}
