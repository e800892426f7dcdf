/** Coming and coming back: connections a second, and everybody at once after the presenter's drill has cut every socket. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '#lib/domain/percentile.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { sum } from '../../scripts/crowd/hammering.ts';
import type { Phone } from '../../scripts/crowd/phone.ts';
import { tapOnce } from '../../scripts/crowd/phone.ts';
import type { Measure } from '../lib/bench.ts';
import { closeAll, connectAll } from '../lib/bench.ts';
import { figuresOver } from '../lib/figures.ts';

/** Connections that are opened at once. */
const AT_ONCE = 64;
/** Pause until the hosts have noticed that everybody is gone, milliseconds. */
const GONE_MS = 500;

/** New connections and resumes a second, in turn with new connections of the bare object. */
export const connect: Measure = {
  name: 'connect',
  async run(bench) {
    const { sockets } = bench.options;
    const show = await bench.openShow();
    const sessions = await bench.ours.joinAll(show.show, sockets);
    const buyer = bench.phone(show);
    await buyer.connect();
    let told = 0;
    const measure = async (round: number) => {
      const phones = sessions.map((session) => bench.phone(session));
      // One phone buys, so that those who come back have missed something.
      const connects = await perSecond(phones, () => tapOnce(buyer));
      const resumes = await perSecond(phones);
      told = phones.filter(({ recovered }) => recovered).length;
      const bares = await perSecond(bench.barePhones('write', `connect-${round}`, sockets));
      return { connects, resumes, bares };
    };
    const rounds = await bench.rounds('connect', measure, { warmsUp: true });
    buyer.close();
    const figure = figuresOver(rounds);
    const beside = ['bare, one write', ({ bares }: (typeof rounds)[number]) => bares] as const;
    return [
      figure(`connects, ${sockets} sockets, ${AT_ONCE} at once`, '/s', ({ connects }) => connects, {
        beside,
      }),
      figure('resumes, the same', '/s', ({ resumes }) => resumes, {
        beside,
        note: `all that was missed was told to ${told} of ${sockets}`,
      }),
    ];
  },
};

/** Connects everybody and closes their sockets again; `meanwhile` happens while they are away. */
async function perSecond(phones: Phone[], meanwhile?: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await connectAll(phones, AT_ONCE);
  const tookMs = performance.now() - startMs;
  closeAll(phones);
  await meanwhile?.();
  await pause(GONE_MS);
  return (1_000 * phones.length) / tookMs;
}

/** Bounds of the random pause before a first retry, milliseconds. */
const RETRY_SOONEST_MS = 250;
const RETRY_LATEST_MS = 2_000;
/** Longest wait until the drill has cut every socket, milliseconds. */
const CUT_WITHIN_MS = 20_000;
/** Ops that are bought while everybody is away. */
const MISSED = 20;

/** Every socket of a room is cut while people buy: how long until they are back. */
export const resume: Measure = {
  name: 'resume',
  async run(bench) {
    const { ours, options } = bench;
    const { show, skuId, sessions, phones } = await bench.room(options.phones);
    const stage = bench.phone(show);
    await stage.connect();
    const buy = async () => {
      for (let op = 0; op < MISSED; op += 1) {
        const token = sessions[op % sessions.length]?.token ?? '';
        await ours.call('/demo/allocate', { token, body: { skuId } });
      }
    };
    const cutWith = (pauseMs: () => number) => cutAll(stage, phones, buy, pauseMs);
    const rounds = await bench.rounds('resume', async (round) => {
      const random = randomFrom(round);
      const within = () => RETRY_SOONEST_MS + random() * (RETRY_LATEST_MS - RETRY_SOONEST_MS);
      return { spread: await cutWith(within), atOnce: await cutWith(() => RETRY_SOONEST_MS) };
    });
    closeAll([stage, ...phones]);
    const figure = figuresOver(rounds);
    const all = [...rounds.map(({ spread }) => spread), ...rounds.map(({ atOnce }) => atOnce)];
    return [
      figure(
        `${options.phones} cut at once, retries spread as the pages do: first retry → welcome, p95`,
        'ms',
        ({ spread }) => percentile(spread.ms, 0.95),
        { target: { atMost: 1_000 } },
      ),
      figure('the same, all of them trying in one instant, p95', 'ms', ({ atOnce }) =>
        percentile(atOnce.ms, 0.95),
      ),
      figuresOver(all)('gaps after coming back', '', ({ gaps }) => gaps, {
        target: { exactly: 0 },
        note: `${MISSED} ops missed each time; all events told again to ${Math.min(...all.map((round) => round.recovered))} of ${options.phones}`,
      }),
    ];
  },
};

/** Cuts everybody, buys meanwhile, and lets each phone return after its own pause. */
async function cutAll(
  stage: Phone,
  phones: readonly Phone[],
  meanwhile: () => Promise<void>,
  pauseMs: () => number,
): Promise<{ ms: number[]; gaps: number; recovered: number }> {
  const everybody = [stage, ...phones];
  const away = everybody.filter((phone) => !phone.open);
  if (away.length > 0) {
    const codes = [...new Set(away.map(({ closedWith }) => closedWith))].join(', ');
    throw new Error(`${away.length} phones were cut off by something else, with ${codes}.`);
  }
  const ms: number[] = [];
  const gaps = () => sum(everybody, (phone) => phone.gaps);
  const gapsBefore = gaps();
  const back = everybody.map(async (phone) => {
    await cut(phone);
    await pause(pauseMs());
    const startMs = performance.now();
    await phone.connect();
    if (phone !== stage) ms.push(performance.now() - startMs);
  });
  stage.say({ t: 'drill', kind: 'drop' });
  await Promise.all([...back, meanwhile()]);
  const recovered = phones.filter((phone) => phone.recovered).length;
  return { ms, gaps: gaps() - gapsBefore, recovered };
}

/** Waits until the phone is cut off. */
function cut(phone: Phone): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  phone.onClose = resolve;
  const late = setTimeout(reject, CUT_WITHIN_MS, new Error('The drill did not cut every socket.'));
  return promise.finally(() => clearTimeout(late));
}
