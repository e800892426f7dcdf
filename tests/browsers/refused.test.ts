/** Browsers that let pages keep nothing: the phone says so, and what to do, and nothing was bought. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RoomState } from '#lib/domain/room-state.ts';
import { Site } from '../../scripts/crowd/site.ts';
import type { Session } from '../../scripts/crowd/site.ts';
import type { Browser } from './support/browser.ts';
import { candidates } from './support/installed.ts';
import { Screen } from './support/screen.ts';

const SKU = 'seat';
const SMALL_PHONE = { width: 320, height: 568 };

const installed = candidates().flatMap(({ name, start }) => (start ? [{ name, start }] : []));

describe.each(installed)('$name', ({ name, start }) => {
  const site = new Site(inject('host').url);
  let browser: Browser;
  let show: Session;

  beforeAll(async () => {
    const opens = site.openShow(inject('host').debugToken, [{ id: SKU, capacity: 5 }]);
    [browser, show] = await Promise.all([start({ refusesCookies: true }), opens]);
  });
  afterAll(() => browser?.end());

  it('is told that it keeps no cookies, where it refuses them', async () => {
    const phone = await Screen.open(browser, site.url, SMALL_PHONE, 'touch');
    await phone.goto(`/j/${show.show}`);
    await phone.sees('This browser keeps no cookies');
    await phone.sees('nothing was bought. Allow cookies for this address');
    await phone.shoot(`${name.toLowerCase()}-refused`);
    const asked = { token: show.token };
    const { lanes, people } = (await site.call(`/demo/state?skuId=${SKU}`, asked)) as RoomState;
    expect([lanes.safe?.acknowledged, people.phones]).toEqual([0, 0]);
  });
});
