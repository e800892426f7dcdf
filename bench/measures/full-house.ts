/** Every seat of a show in one room, each tapping once a second: no socket may close, no event may be missing. */
import { setTimeout as pause } from 'node:timers/promises';
import { answersOf } from '../../scripts/crowd/hammering.mjs';
import { percentile } from '#lib/domain/percentile.ts';
import { count } from '../../scripts/crowd/tally.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure, Target } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { auditOf, stateOf, uncounted, uncountedFigure } from '../lib/meters.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';
import { loadShare, watchUse } from '../lib/use.ts';

const LAST_ANSWERS_MS = 20_000;
/** Time after the last answers for the last frames to arrive, milliseconds. */
const LAST_FRAMES_MS = 1_000;

export const fullHouse: Measure = { name: 'full-house', fresh: false, run };

async function run({ ours, debugToken, groups, options, say }: Bench): Promise<Figure[]> {
  const { house, hold } = options;
  const show = await openShow(ours, debugToken);
  const [skuId = ''] = show.skuIds;
  const startMs = performance.now();
  const sinceStart = () => `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
  const sessions = await ours.joinAll(show.show, house);
  say(`full-house: ${house} have joined after ${sinceStart()}`);
  const phones = sessions.map((session) => phoneOf(ours, session));
  const stage = phoneOf(ours, show);
  await connectAll([stage, ...phones]);
  say(`full-house: they are connected after ${sinceStart()}`);
  const all = [stage, ...phones];
  const closes: Record<string, number> = {};
  for (const phone of all) phone.onClose = (code) => count(closes, String(code));
  const watched = watchUse(groups.ours);
  const tapped = await tapAtPace(phones, { perSecond: house, seconds: hold, seed: 1, saysSeen: true });
  const use = watched();
  const unanswered = await answersOf(phones, LAST_ANSWERS_MS);
  await pause(LAST_FRAMES_MS);
  const state = await stateOf(ours, show, skuId);
  const red = await auditOf(ours, show, skuId);
  const closed = Object.values(closes).reduce((total, times) => total + times, 0);
  const codes = closed > 0 ? `closed by code ${JSON.stringify(closes)}; ` : '';
  const sum = (of: (phone: (typeof all)[number]) => number) =>
    all.reduce((total, phone) => total + of(phone), 0);
  closeAll(all);
  const crowd = `${house} sockets in a room, each 1 tap/s for ${hold} s`;
  const figure = (what: string, unit: string, value: number, target?: Target, note?: string) =>
    figureOf({
      what: `${crowd}: ${what}`,
      unit,
      ours: [value],
      ...(target && { target }),
      ...(note !== undefined && { note }),
    });
  const none = { exactly: 0 };
  return [
    figure(
      'sockets closed',
      '',
      closed,
      none,
      `${codes}${JSON.stringify(tapped.outcomes)}; ${loadShare(use)}, taps up to ${tapped.lateMs.toFixed(0)} ms late (p99)`,
    ),
    figure(
      'gaps in the streams',
      '',
      sum(({ gaps }) => gaps),
      none,
    ),
    figure('checks of the audit that failed', '', red.length, none, red.join(', ')),
    figure('taps without an answer', '', unanswered, none),
    figure('phones missing in the room’s count of people', '', house - state.people.phones, none),
    uncountedFigure(crowd, [uncounted(state, SAFE, tapped.outcomes)]),
    ...[0.5, 0.95, 0.99].map((share) => figure(`ack p${100 * share}`, 'ms', percentile(tapped.ms, share))),
    figure('frames delivered', '/s', sum(({ frames }) => frames) / use.wallSeconds),
    figure('received by a phone', 'kB/s', sum(({ bytes }) => bytes) / all.length / 1_000 / use.wallSeconds),
    figure('server CPU', '% of a core', (100 * use.serverSeconds) / use.wallSeconds),
  ];
}
