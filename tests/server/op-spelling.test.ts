/** UUIDs are one in any case: compared in their canonical form, and answered as their client spelled them. */
import { describe, expect, it } from 'vitest';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';
import { newShow } from './support/site.ts';

/** An id that has another spelling. */
function spelledId(): { op: string; sent: string } {
  const op = `a${crypto.randomUUID().slice(1)}`;
  return { op, sent: op.toUpperCase() };
}

describe('an op in upper case', () => {
  it('is answered as it was sent, also late, after a sleep, and when it is refused', async () => {
    const show = await TestShow.open({ capacity: 3 }, 'both', { RACE_WINDOW_MS: '200' });
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const { op, sent } = spelledId();
    expect(await phone.buy({ op: sent })).toMatchObject({ t: 'ack', op: sent });
    await show.settled(() => show.stage.state?.lanes.eventual?.ops === 1);
    await phone.until(() =>
      phone.messages.some(
        (message) => message.t === 'ack' && message.op === sent && message.lanes.eventual?.seq !== undefined,
      ),
    );
    await show.sleep();
    expect(await phone.buy({ op: sent })).toMatchObject({ t: 'ack', op: sent });
    expect(await phone.buy({ op })).toMatchObject({ t: 'ack', op });
    const tooMany = spelledId();
    expect(await phone.buy({ op: tooMany.sent, units: 50 })).toMatchObject({ op: tooMany.sent });
    const held = await TestClient.connect(show.site, session);
    expect(held.welcome.you.holdings.map((holding) => holding.op)).toEqual([sent, sent]);
    expect(show.stage.state?.lanes.safe?.ops).toBe(1);
    const { events } = await exportLog(show.site, show.presenter.token);
    const told = events.flatMap((event) => (event.kind === 'allocated' ? [event.body.op] : []));
    expect(told).toEqual([op, op]);
  });

  it('that is lost is told so in the spelling of its client', async () => {
    const show = await TestShow.open({}, 'eventual', { RACE_WINDOW_MS: '300' });
    const [one, two] = (await show.phones(2)) as [TestClient, TestClient];
    const ops = [spelledId(), spelledId()];
    await Promise.all([one, two].map((phone, index) => phone.buy({ op: ops[index]?.sent ?? '' })));
    await show.settled(() => show.stage.state?.lanes.eventual?.ops === 2);
    const fates = () => [one, two].flatMap((phone) => phone.messages.filter(({ t }) => t === 'fate'));
    await show.stage.until(() => fates().length > 0);
    expect(ops.map(({ sent }) => sent)).toContain((fates()[0] as { op: string }).op);
  });
});

it.each([
  ['/api/demo/allocate'],
  ['/api/demo/rush'],
  ['/api/demo/control'],
  ['/api/demo/guardrail'],
  ['/api/demo/reset'],
  ['/api/auth/login'],
  ['/api/auth/renew'],
  ['/api/auth/logout'],
  ['/api/auth/end'],
  ['/api/auth/pair'],
  ['/api/auth/pair/withdraw'],
  ['/api/auth/pair/redeem'],
])('%s answers a list with INVALID_REQUEST, whatever it holds', async (path) => {
  const { call } = await newShow();
  for (const body of [[], [{ skuId: 'ticket' }]]) {
    const { status, error } = await call(path, { body });
    expect([status, error?.code]).toEqual([400, 'INVALID_REQUEST']);
  }
});
