/** Three hundred phones behind one address: a venue. */
import { expect, inject, it } from 'vitest';
import { Site } from '../../scripts/crowd/site.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import { allAnswered, openShow } from './support/crowd.ts';
import { Phone } from './support/phone.ts';
import { figures, spread } from './support/run.ts';
import { judge } from './support/verdict.ts';

const PEOPLE = 300;

it('lets 300 phones of one address join, connect and buy at once', async () => {
  const show = await openShow(inject('host'), ['venue']);
  const site = new Site(show.site.url);
  const loginMs: number[] = [];
  const logins = await Promise.all(
    Array.from({ length: PEOPLE }, async () => {
      const began = performance.now();
      const login = (await site.call('/auth/login', {
        body: { role: 'participant', show: show.code },
      })) as LoginResult;
      loginMs.push(performance.now() - began);
      return login;
    }),
  );
  expect(new Set(logins.map(({ label }) => label)).size, 'everybody has a name of their own').toBe(PEOPLE);

  const phones = logins.map(
    ({ token, label, role }) =>
      new Phone({ url: show.site.url, token, label, role, show: show.code, skuId: 'venue' }),
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
