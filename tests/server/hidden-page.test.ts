/** A page that nobody looks at, on a real room: its pings are rare, and its owner is still there. */
import { expect, it } from 'vitest';
import { TestShow } from './support/show.ts';

/** Who pinged and fell silent is missed after 8 s, when an awake room looks next, 5 s later. */
const MISSED_WITHIN_MS = 20_000;

it('counts who said so, when who did not is already missed', async () => {
  const show = await TestShow.open();
  const [hidden, gone] = await show.phones(2);
  for (const phone of [hidden!, gone!]) phone.sendRaw('ping');
  hidden!.sendRaw('hidden');
  const { token } = show.presenter;
  const counted = async () => {
    const { data } = await show.site.call<{ people: { phones: number } }>('/api/demo/state?skuId=ticket', {
      token,
    });
    return data.people.phones;
  };
  expect(await counted()).toBe(2);
  await expect.poll(counted, { timeout: MISSED_WITHIN_MS, interval: 500 }).toBeLessThan(2);
  expect(await counted()).toBe(1);
  expect([hidden!.closed, gone!.closed]).toEqual([null, null]);
}, 30_000);
