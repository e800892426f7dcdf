/** 500 clients and 100 units: exactly 100 are sold, and every client gets an answer. */
import { randomFrom } from '#lib/rehearsal/random.ts';
import { answersOf } from '../../scripts/crowd/hammering.mjs';
import { count } from '../../scripts/crowd/tally.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import { figureOf } from '../lib/figures.ts';
import type { Figure } from '../lib/figures.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

const CLIENTS = 500;
const UNITS = 100;
const ANSWERED_WITHIN_MS = 20_000;
const SEED = 20_261_122;

export const soldOut: Measure = { name: 'sold-out', fresh: false, run };

async function run({ ours, debugToken, say }: Bench): Promise<Figure[]> {
  const show = await openShow(ours, debugToken, { capacity: UNITS });
  const sessions = await ours.joinAll(show.show, CLIENTS);
  const phones = sessions.map((session) => phoneOf(ours, session));
  await connectAll(phones);
  say(`${CLIENTS} clients are in the room; all of them tap`);
  const outcomes: Record<string, number> = {};
  let lastMs = 0;
  for (const phone of phones) {
    phone.onAnswer = ({ outcome, ms }) => {
      count(outcomes, outcome);
      lastMs = Math.max(lastMs, ms);
    };
  }
  const random = randomFrom(SEED);
  for (const { phone } of phones.map((phone) => ({ phone, at: random() })).sort((a, b) => a.at - b.at)) {
    phone.tap();
  }
  const unanswered = await answersOf(phones, ANSWERED_WITHIN_MS);
  const audit = (await ours.call('/demo/audit?skuId=room-1', { token: show.token })) as { ok: boolean };
  closeAll(phones);
  const allocated = outcomes['allocated'] ?? 0;
  const refused = outcomes['OUT_OF_STOCK'] ?? 0;
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
      note: `${refused} × OUT_OF_STOCK; audit ${audit.ok ? 'green' : 'RED'}`,
    }),
    figureOf({ what: 'last answer after the tap', unit: 'ms', ours: [lastMs] }),
  ];
}
