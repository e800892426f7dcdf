/** A server's clock is set while it sells: back by NTP or by hand, or forward. Nobody waits for the time that it had. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { TestSite } from './support/site.ts';
import { steadyClock } from '#lib/room/steady-clock.ts';
import { lookUpShow } from '#server/sessions/directory.ts';
import { endShow } from '#server/storage/retention.ts';
import { inRoom, settled, until } from './support/inner-room.ts';

const HOUR_MS = 3_600_000;
const TAPS = 60;
const PEOPLE = 6;

describe.each([-30_000, -HOUR_MS, HOUR_MS])(
  'a clock that is set by %i ms in the middle of a show',
  (step) => {
    it('leaves no tap unanswered, no screen untold, nobody refused, and no time that goes back in a race', () => {
      let set = 0;
      return inRoom({ mode: 'both', now: () => Date.now() + set }, async ({ room, tap, socket }) => {
        const heard = socket('guest-0');
        const answers = [];
        for (let each = 0; each < TAPS; each += 1) {
          if (each === TAPS / 3) set = step;
          answers.push(tap({ who: `guest-${each % PEOPLE}` }).first);
          await scheduler.wait(5);
        }
        const late = scheduler.wait(8_000).then(() => 'some taps were not answered');
        const kinds = Promise.all(answers).then((all) => all.map(({ kind }) => kind));
        expect(await Promise.race([kinds, late])).toEqual(answers.map(() => 'ack'));
        await settled(room);
        const newest = () => heard.findLast((message) => message.t === 'frame')?.seq;
        await until(() => newest() === room.state().seq);
        expect(room.reconciliation.typicalFlightMs).toBeGreaterThan(0);
        expect(room.reconciliation.typicalFlightMs).toBeLessThan(60_000);
        expect((await tap({ who: 'guest-0' }).first).kind).toBe('ack');
      });
    });
  },
);

it('looks who is there as often as before when the clock is set back', () => {
  let set = 0;
  const now = () => Date.now() + set;
  return inRoom({ now }, ({ room, socket }) => {
    socket('guest-1');
    const { presence } = room.ports;
    room.look();
    set = -HOUR_MS;
    expect(presence.due(room.commits.steady())).toBe(false);
    expect(presence.due(room.commits.steady() + 10_000)).toBe(true);
    room.look();
    expect(presence.nextLook()).toBeLessThanOrEqual(now() + 30_000);
    return Promise.resolve();
  });
});

describe('time for durations', () => {
  it('never goes back, goes on when the clock is set, and never jumps by more than a minute', () => {
    let wall = 1_000;
    const clock = steadyClock(() => wall);
    const readAfter = (ms: number) => {
      wall += ms;
      return clock();
    };
    expect([clock(), readAfter(10), readAfter(-HOUR_MS), readAfter(5), readAfter(HOUR_MS)]).toEqual([
      1_000, 1_010, 1_010, 1_015, 61_015,
    ]);
  });
});

it('limits nobody for longer when the clock is set back', async () => {
  const limiter = env.LIMITER.getByName(`login:${crypto.randomUUID()}`);
  const now = Date.now();
  const earlier = now - HOUR_MS;
  while ((await limiter.takeAttempt(now)).ok);
  expect(await limiter.takeAttempt(now - 1)).toMatchObject({ ok: false });
  expect(await limiter.takeAttempt(earlier)).toMatchObject({ ok: true });
  await limiter.beginReset(crypto.randomUUID(), 'a show', now);
  expect(await limiter.beginReset(crypto.randomUUID(), 'a show', now - 1)).toMatchObject({ ok: false });
  expect(await limiter.beginReset(crypto.randomUUID(), 'a show', earlier)).toMatchObject({ ok: true });
  const offer = (at: number) =>
    limiter.offerPairing(
      { id: crypto.randomUUID(), hash: new ArrayBuffer(32), maker: 'one', expiresAt: at + 1 },
      at,
    );
  while ((await offer(now)).waitMs === null);
  expect((await offer(earlier)).waitMs).toBeNull();
});

it('believes what it knows of a show for no longer when the clock is set back', async () => {
  const site = new TestSite();
  const { show } = await site.openShow();
  const ask = (now: number) => lookUpShow({ env: env, now, waitUntil: () => undefined }, show);
  const now = Date.now();
  expect((await ask(now))?.endedAt).toBeNull();
  await endShow(env.DB, show, now);
  expect((await ask(now + 1))?.endedAt).toBeNull();
  expect((await ask(now - HOUR_MS))?.endedAt).toBe(now);
});
