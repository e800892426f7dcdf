/** Whole audiences in one room: every seat of a show, and five times as many clients as units. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { answersOf, sum } from '../../scripts/crowd/hammering.ts';
import { count } from '../../scripts/crowd/figures.ts';
import type { Measure } from '../lib/bench.ts';
import { closeAll, connectAll } from '../lib/bench.ts';
import { figureOf, figuresOver, percentilesOver } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { auditOf, stateOf, UNCOUNTED, uncounted } from '../lib/meters.ts';
import { tapAtPace } from '../lib/open-loop.ts';
import { loadShare, watchUse } from '../lib/processes.ts';

/** Time after the last answers for the last frames to arrive, milliseconds. */
const LAST_FRAMES_MS = 1_000;

/** Every seat of a show in one room, each tapping once a second: no socket may close, no event may be missing. */
export const fullHouse: Measure = {
  name: 'full-house',
  async run(bench) {
    const { house, hold } = bench.options;
    const show = await bench.openShow();
    const startMs = performance.now();
    const sinceStart = () => `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
    const sessions = await bench.ours.joinAll(show.show, house);
    bench.say(`full-house: ${house} have joined after ${sinceStart()}`);
    const phones = sessions.map((session) => bench.phone(session));
    const all = await connectAll([bench.phone(show), ...phones]);
    bench.say(`full-house: they are connected after ${sinceStart()}`);
    const closes: Record<string, number> = {};
    for (const phone of all) phone.onClose = (code) => count(closes, String(code));
    const watched = watchUse(bench.groups.ours);
    const tapped = await tapAtPace(phones, { perSecond: house, seconds: hold, seed: 1, saysSeen: true });
    const use = watched();
    const unanswered = await answersOf(phones);
    await pause(LAST_FRAMES_MS);
    const room = { show, skuId: show.skuIds[0] ?? '', sessions, phones };
    const state = await stateOf(bench, room);
    const red = await auditOf(bench, room);
    const closed = sum(Object.values(closes), (times) => times);
    closeAll(all);
    const crowd = `${house} sockets in a room, each 1 tap/s for ${hold} s`;
    const figure = figuresOver([{ tapped, use }]);
    const codes = closed > 0 ? `closed by code ${JSON.stringify(closes)}; ` : '';
    const none = (what: string, value: number, note?: string) =>
      figure(`${crowd}: ${what}`, '', () => value, { target: { exactly: 0 }, note });
    const received = (what: 'frames' | 'bytes') => sum(all, (phone) => phone[what]) / use.wallSeconds;
    return [
      none(
        'sockets closed',
        closed,
        `${codes}${JSON.stringify(tapped.outcomes)}; ${loadShare(use)}, taps up to ${tapped.lateMs.toFixed(0)} ms late (p99)`,
      ),
      none(
        'gaps in the streams',
        sum(all, ({ gaps }) => gaps),
      ),
      none('checks of the audit that failed', red.length, red.join(', ')),
      none('taps without an answer', unanswered),
      none('phones missing in the room’s count of people', house - state.people.phones),
      none(UNCOUNTED, uncounted(state, SAFE, tapped.outcomes)),
      ...percentilesOver([tapped], `${crowd}: ack`, { ours: ({ ms }) => ms }),
      figure(`${crowd}: frames delivered`, '/s', () => received('frames')),
      figure(`${crowd}: received by a phone`, 'kB/s', () => received('bytes') / all.length / 1_000),
      figure(`${crowd}: server CPU`, '% of a core', () => (100 * use.serverSeconds) / use.wallSeconds),
    ];
  },
};

const CLIENTS = 500;
const UNITS = 100;
const SEED = 20_261_122;

/** 500 clients and 100 units: exactly 100 are sold, and every client gets an answer. */
export const soldOut: Measure = {
  name: 'sold-out',
  async run(bench) {
    const room = await bench.room(CLIENTS, { capacity: UNITS });
    bench.say(`${CLIENTS} clients are in the room; all of them tap`);
    const outcomes: Record<string, number> = {};
    let lastMs = 0;
    for (const phone of room.phones) {
      phone.onAnswer = ({ outcome, ms }) => {
        count(outcomes, outcome);
        lastMs = Math.max(lastMs, ms);
      };
    }
    const random = randomFrom(SEED);
    const shuffled = room.phones.map((phone) => ({ phone, at: random() })).sort((a, b) => a.at - b.at);
    for (const { phone } of shuffled) phone.tap();
    const unanswered = await answersOf(room.phones);
    const red = await auditOf(bench, room);
    closeAll(room.phones);
    const { allocated = 0, OUT_OF_STOCK: refused = 0 } = outcomes;
    return [
      figureOf({
        what: `units sold of ${UNITS} to ${CLIENTS} clients at once`,
        unit: '',
        ours: [allocated],
        target: { exactly: UNITS },
      }),
      figureOf({
        what: 'clients that know their own answer',
        unit: '',
        ours: [CLIENTS - unanswered],
        target: { exactly: CLIENTS },
        note: `${refused} × OUT_OF_STOCK; audit ${red.length === 0 ? 'green' : 'RED'}`,
      }),
      figureOf({ what: 'last answer after the tap', unit: 'ms', ours: [lastMs] }),
    ];
  },
};
