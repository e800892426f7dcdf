/** Three hundred phones behind one address: a venue. */
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, inject, it, vi } from 'vitest';
import type { Site } from '../../scripts/crowd/site.ts';
import type { StateAnswer } from '#lib/domain/room-state.ts';
import type { AllocateResult, LoginResult } from '#lib/protocol/http.ts';
import { allAnswered, openShow } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { Phone } from './support/phone.ts';
import { figures, spread } from './support/run.ts';
import { judge } from './support/verdict.ts';

const PEOPLE = 300;
const WITHIN = { timeout: 20_000, interval: 200 };

let show: Show;
let site: Site;
let logins: LoginResult[];
const loginMs: number[] = [];

beforeAll(async () => {
  show = await openShow(inject('host'), ['venue']);
  ({ site } = show);
  logins = await Promise.all(
    Array.from({ length: PEOPLE }, async () => {
      const began = performance.now();
      const login = (await site.call('/auth/login', {
        body: { role: 'participant', show: show.code },
      })) as LoginResult;
      loginMs.push(performance.now() - began);
      return login;
    }),
  );
});

it('lets 300 phones of one address join, connect and buy at once', async () => {
  expect(new Set(logins.map(({ label }) => label)).size, 'everybody has a name of their own').toBe(PEOPLE);
  const phones = logins.map(
    ({ token, label, role }) =>
      new Phone({ url: site.url, token, label, role, show: show.code, skuId: 'venue' }),
  );
  const began = performance.now();
  const welcomeMs = await Promise.all(
    phones.map(async (phone) => {
      await phone.connect();
      return performance.now() - began;
    }),
  );
  expect(phones.every(({ open }) => open)).toBe(true);
  for (const phone of phones) phone.tap();
  await allAnswered(phones, 20_000);

  const refused = phones.flatMap((phone) => phone.nacks.map(({ code }) => code));
  expect(refused, 'nobody is refused for where they stand').toEqual([]);
  const { acknowledged } = await judge(show, 'venue', phones);
  expect(acknowledged).toBe(PEOPLE);
  figures('venue', {
    phones: PEOPLE,
    refused: refused.length,
    login: spread(loginMs),
    welcome: spread(welcomeMs),
    'tap to answer': spread(phones.flatMap(({ receipts }) => [...receipts.values()].map(({ ms }) => ms))),
  });
  for (const phone of phones) phone.close();
});

it('lets the same 300 look and buy by calls, where no socket passes, and counts every one of them', async () => {
  const lookMs: number[] = [];
  const look = ({ token }: Pick<LoginResult, 'token'>) =>
    site.call('/demo/state?skuId=venue', { token }) as Promise<StateAnswer>;
  const timed = async (login: LoginResult) => {
    const began = performance.now();
    const state = await look(login);
    lookMs.push(performance.now() - began);
    return state.people.phones;
  };
  // As phones do every two seconds. A call that is refused throws.
  const everybodyLooks = async () => Math.max(...(await Promise.all(logins.map(timed))));
  await vi.waitUntil(async () => (await look(show)).people.phones === 0, WITHIN);
  await vi.waitUntil(async () => (await everybodyLooks()) === PEOPLE, WITHIN);
  const before = (await look(show)).lanes.safe!.acknowledged;
  const results = await Promise.all(
    logins.map(async ({ token }) => {
      const asked = { token, key: randomUUID(), body: { skuId: 'venue' } };
      return (await site.call('/demo/allocate', asked)) as AllocateResult;
    }),
  );
  expect(results.every(({ lanes }) => lanes.safe?.status === 'allocated')).toBe(true);
  expect((await look(show)).lanes.safe!.acknowledged - before).toBe(PEOPLE);
  figures('venue without sockets', { phones: PEOPLE, looks: lookMs.length, look: spread(lookMs) });
});
