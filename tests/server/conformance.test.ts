/** Rooms in their objects keep what every room promises; and what only they can promise, because they fall asleep and die. */
import { describe, expect, it } from 'vitest';
import { PAIR } from '#lib/domain/lanes.ts';
import { conformance } from '../conformance/scenarios.ts';
import { TestClient } from './support/client.ts';
import { object } from './support/object-host.ts';
import { TestShow } from './support/show.ts';

conformance(object);

describe.each(PAIR)('the %s lane in the object', (lane) => {
  it('remembers an op through sleep and death', async () => {
    const show = await TestShow.open({ capacity: 100 }, lane, {}, PAIR);
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    const first = await phone.buy({ op });
    await show.sleep();
    expect(await phone.buy({ op })).toEqual(first);
    await show.die();
    const back = await TestClient.connect(show.site, session);
    expect(await back.buy({ op })).toEqual(first);
    expect(back.state?.lanes[lane]?.ops).toBe(1);
  });
});
