/** The end of a show and a kill at the same time: all of its rooms are over, or none is; there is no half of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Hammering, join, openShow } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import type { Host } from '../support/host.ts';
import { openHost } from '../support/known-host.ts';
import type { KnownHost } from '../support/known-host.ts';
import { between } from '../support/chance.ts';
import { figures, LONG, seeded } from '../support/run.ts';

const ROOMS = ['one', 'two', 'three', 'four', 'five'] as const;
const ROUNDS = LONG ? 20 : 6;
/** An end takes some tens of milliseconds: kills fall before it, into it and behind it. */
const KILLED_WITHIN_MS = 60;
const TAPS_PER_SECOND = 2;
/** Its alarm comes by itself; a wake comes sooner. */
const OVER_WITHIN_MS = 20_000;

let known: KnownHost;
let host: Host;

beforeAll(async () => {
  known = await openHost();
  host = known.host;
});
afterAll(() => known?.end());

it(`is over in every room or in none, over ${ROUNDS} kills`, async () => {
  const random = seeded('end and kill');
  const counts = { 'answered before the kill': 0, 'over after it': 0, 'going on after it': 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { url, debugToken } = host;
    const show = await openShow({ url, debugToken, folder: known.folder }, [...ROOMS]);
    const phones = (await Promise.all(ROOMS.map((skuId) => join(show, skuId, 2)))).flat();
    await Promise.all(phones.map((phone) => phone.connect()));
    const hammering = new Hammering(phones, TAPS_PER_SECOND, random);
    await pause(between(random, 200, 400));
    let answered = false;
    const call = end(show).then(
      (status) => (answered = status === 200),
      () => undefined,
    );
    await pause(between(random, 0, KILLED_WITHIN_MS));
    await host.kill();
    hammering.stop();
    await call;
    if (answered) counts['answered before the kill'] += 1;
    await host.start();
    for (const phone of phones) phone.close();

    if (await isOverInD1(show)) {
      counts['over after it'] += 1;
      await overEverywhere(show);
    } else {
      counts['going on after it'] += 1;
      expect(answered, 'whoever was told that it is over was told the truth').toBe(false);
      expect(await closings(show), 'it goes on in every room').toEqual(ROOMS.map(() => false));
      expect(await end(show), 'and can be ended').toBe(200);
      await overEverywhere(show);
    }
  }
  figures('end and kill', { rounds: ROUNDS, ...counts });
  expect(counts['over after it'], 'kills came after D1 had ended it').toBeGreaterThan(0);
});

async function end({ site, token }: Show): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${site.url}/api/auth/end`, { method: 'POST', headers })).status;
}

/** By what the server answers to somebody who wants to join. */
async function isOverInD1({ site, code }: Show): Promise<boolean> {
  const answer = await fetch(`${site.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ role: 'participant', show: code }),
  });
  return answer.status === 410;
}

/** Whether each room's state refuses to sell because the show has ended. */
async function closings({ site, token }: Show): Promise<boolean[]> {
  const said = await Promise.all(
    ROOMS.map((skuId) =>
      fetch(`${site.url}/api/demo/control`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ skuId, step: 1 }),
      }),
    ),
  );
  const answers = await Promise.all(
    said.map(async (answer) => (await answer.json()) as { error?: { code: string } }),
  );
  // A session that was logged out with the end is refused too, by rooms that are closed already.
  return answers.map(({ error }) => error?.code === 'SHOW_ENDED' || error?.code === 'UNAUTHORIZED');
}

async function overEverywhere(show: Show): Promise<void> {
  const deadline = performance.now() + OVER_WITHIN_MS;
  for (;;) {
    const over = await closings(show);
    if (over.every(Boolean)) return;
    if (performance.now() > deadline) throw new Error(`Of five rooms these are over: ${over.join(', ')}.`);
  }
}
