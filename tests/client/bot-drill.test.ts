/** The bot drill over a real room: what a bot is told, what the limit allows, what the log says. */
import { describe, expect, it } from 'vitest';
import type { BotWords } from '#lib/client/bot-link.ts';
import { BotBoard } from '#lib/client/bot-link.ts';
import { botCalls } from '#lib/client/bot-calls.ts';
import { allowedIn, BotDrill, TAPS } from '#lib/client/bot-drill.ts';
import type { BotPhase, BotRoom } from '#lib/client/bot-drill.ts';
import { FRESH_MS } from '#lib/client/drills.ts';
import type { EventListener } from '#lib/client/room-view.ts';
import { botHolds, botParts, botSummary, boughtBeyond } from '#lib/components/bot-words.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { answerCall } from '#lib/rehearsal/calls.ts';
import type { CallAnswer } from '#lib/rehearsal/envelope.ts';
import type { Show } from '#lib/rehearsal/show.ts';
import { FakeTime } from './support/fake-time.ts';
import { BEGAN_AT_MS, begin, eventsOf, room, SKU } from './support/rehearsal.ts';

/** What every answer takes, milliseconds. */
const ANSWER_MS = 5;

/** The network of a rehearsed show, on which time goes on with every call. */
function network(show: Show, alter: (answer: CallAnswer) => CallAnswer = (answer) => answer): typeof fetch {
  return async (input, init) => {
    let answer: CallAnswer | null = null;
    const headers = Object.fromEntries(new Headers(init?.headers));
    const call = { method: 'POST', path: input as string, body: (init?.body ?? '') as string, headers };
    answerCall(show, call, (given) => (answer = given));
    const untilMs = show.schedule.nowMs + 30_000;
    do show.schedule.advance(show.schedule.nowMs + ANSWER_MS);
    while (answer === null && show.schedule.nowMs < untilMs);
    const { status, text } = alter(answer as unknown as CallAnswer);
    return new Response(text, { status });
  };
}

/** A drill against a show, to its end. */
async function drill(show: Show, fetcher = network(show)) {
  const heard: BotWords[] = [];
  let listener: EventListener = () => undefined;
  let told = 0;
  const live: BotRoom = {
    state: room(show).core.state(),
    connection: { kind: 'connected' },
    clockOffsetMs: BEGAN_AT_MS,
    onEvents: (listens) => {
      listener = listens;
      return () => undefined;
    },
  };
  const time = {
    clock: { monotonic: () => show.schedule.nowMs, wall: () => show.now },
    later: (run: () => void) => {
      const news = eventsOf(show).slice(told);
      told += news.length;
      listener(news, { from: 0, seq: 0 } as never);
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const where = { show: 'REHEAR', skuId: 'ticket' };
  const bot = new BotDrill(botCalls(fetcher), live, where, (words) => heard.push(words), time);
  const running = bot.run();
  // A second press while it runs sends nothing.
  await Promise.all([running, bot.run()]);
  return { bot, heard };
}

const wordsOf = (phase: BotPhase) => ('words' in phase ? phase.words : expect.fail(phase.kind));
const boughtBy = (events: RoomEvent[], label: string) =>
  events.flatMap(({ kind, body }) => (kind === 'allocated' && body.who === label ? [body] : []));

describe('a bot that taps as fast as it can', () => {
  it('is refused by the limit, and buys nothing beyond it', async () => {
    const show = begin({ skus: [{ ...SKU, capacity: 1_000 }] });
    const words = wordsOf((await drill(show)).bot.phase);
    expect(words).toMatchObject({ taps: TAPS, done: TAPS, isOver: true, soldOut: 0, others: [] });
    expect(words.bought + words.limited).toBe(TAPS);
    expect(words.bought).toBeGreaterThanOrEqual(200);
    expect(words.bought).toBeLessThanOrEqual(allowedIn(words.ms));
    expect([boughtBeyond(words), botHolds(words)]).toEqual([0, true]);
    expect(words.logged).toBe(words.bought);
    // Refusals are told in sums, once a second.
    show.schedule.advance(show.schedule.nowMs + 2_000);
    expect(room(show).core.state().lanes.safe?.refused.RATE_LIMITED).toBe(words.limited);
  });

  it('is marked in the log as no person, by a name that says so', async () => {
    const show = begin();
    const { label, bought } = wordsOf((await drill(show)).bot.phase);
    expect(label).toMatch(/^bot-/);
    const bodies = boughtBy(eventsOf(show), label);
    expect(bodies).toHaveLength(bought);
    expect(bodies.every(({ sim }) => sim)).toBe(true);
    expect(room(show).audit().ok).toBe(true);
  });

  it('of a stock smaller than its limit gets what exists, and is told so with the rest of its tokens', async () => {
    const words = wordsOf((await drill(begin())).bot.phase);
    expect(words.bought).toBe(SKU.capacity);
    expect(words.soldOut).toBe(words.admitted - SKU.capacity);
    expect(botParts(words).map(({ kind }) => kind)).toEqual(['bought', 'soldOut', 'limited']);
    expect(botParts(words).reduce((sum, { times }) => sum + times, 0)).toBe(TAPS);
  });

  it('on both lanes counts a tap once', async () => {
    const words = wordsOf((await drill(begin({ mode: 'both' }))).bot.phase);
    expect(words.done).toBe(TAPS);
    expect(words.logged).toBe(words.bought);
    expect(words.admitted).toBeLessThanOrEqual(words.allowed);
  });

  it('comes again as somebody else, with a limit of its own', async () => {
    const show = begin({ skus: [{ ...SKU, capacity: 1_000 }] });
    const [one, two] = [await drill(show), await drill(show)].map(({ bot }) => wordsOf(bot.phase));
    expect(two!.label).not.toBe(one!.label);
    expect(two!.bought).toBeGreaterThanOrEqual(200);
  });
});

describe('a bot drill that cannot be run', () => {
  it('sends nothing to a held room, and says why', async () => {
    const show = begin();
    room(show).control('presenter', { hold: true });
    const { bot } = await drill(show);
    expect(bot.phase).toEqual({
      kind: 'failed',
      message: 'The room is held: give the GO first. Nothing was sent.',
    });
    expect(room(show).core.state().lanes.safe?.ops).toBe(0);
  });

  it('of a show that has ended says that it has', async () => {
    const show = begin();
    show.end('presenter');
    const words = wordsOf((await drill(show)).bot.phase);
    expect(words.others).toEqual([{ code: 'SHOW_ENDED', times: TAPS }]);
    expect([words.bought, words.logged]).toEqual([0, 0]);
  });

  it('is kept out by a check at the door: no token, no session, no tap', async () => {
    const show = begin();
    const refusal = {
      success: false,
      error: { code: 'MISSING_TOKEN', message: 'turnstileToken is missing.' },
      meta: {},
    };
    const { bot, heard } = await drill(
      show,
      network(show, (answer) => ({ ...answer, status: 400, text: JSON.stringify(refusal) })),
    );
    expect(bot.phase.kind).toBe('stopped');
    expect(heard).toHaveLength(1);
    expect(botSummary(heard[0]!)).toBe('A bot without a token: the check at the door kept it out.');
    expect(room(show).core.state().lanes.safe?.ops).toBe(0);
  });
});

describe('the stage', () => {
  function board() {
    const time = new FakeTime();
    let listener: EventListener = () => undefined;
    const channel = {
      postMessage: () => undefined,
      close: () => undefined,
      onmessage: null,
    } as unknown as Pick<BroadcastChannel, 'postMessage' | 'onmessage' | 'close'>;
    const live = {
      onEvents: (listens: EventListener) => {
        listener = listens;
        return () => undefined;
      },
    };
    const bots = new BotBoard(channel, 'ticket', live, time.later);
    const hear = (data: unknown) =>
      channel.onmessage?.call(channel as BroadcastChannel, { data } as MessageEvent);
    const tell = (kind: string) => listener([{ kind } as RoomEvent], { from: 0, seq: 0 } as never);
    return { bots, hear, tell, time };
  }

  it('shows a bot of its own product while that is news, and until the presenter goes on', async () => {
    const { heard } = await drill(begin());
    const { bots, hear, tell, time } = board();
    hear('nonsense');
    hear({ ...heard.at(-1), skuId: 'other' });
    expect(bots.fresh).toBeNull();
    hear(heard.at(-1));
    tell('allocated');
    expect(bots.fresh).toMatchObject({ taps: TAPS, isOver: true });
    time.pass(FRESH_MS);
    expect(bots.fresh).toBeNull();
    hear(heard.at(-1));
    tell('step');
    expect(bots.fresh).toBeNull();
  });
});

it('says in words what it counted, and does not hide what does not hold', () => {
  const view = {
    label: 'bot-amber-otter',
    taps: 300,
    ms: 4_150,
    allowed: 213,
    logged: 100,
    isOver: true,
    done: 300,
    admitted: 213,
    bought: 100,
    soldOut: 113,
    pending: 0,
    limited: 87,
    others: [],
  };
  expect(botSummary(view)).toBe(
    'A bot: 300 taps in 4.1 s, one session. 100 bought, 113 told: sold out, 87 refused by the limit, 0 bought beyond the limit. ' +
      'The limit: 200 taps at once, 200 a minute. In 4.1 s that is 213; 213 came through. The log says the same: 100 bought.',
  );
  expect(botHolds(view)).toBe(true);
  expect(botHolds({ ...view, admitted: 214 })).toBe(false);
  expect(botHolds({ ...view, logged: 101 })).toBe(false);
  expect(botSummary({ ...view, logged: 101 })).toContain('The log says otherwise: 101 bought.');
  expect(boughtBeyond({ ...view, bought: 220 })).toBe(7);
});
