/** What a presenter's screens say to one another goes through the room, to nobody else, and leaves nothing behind. */
import { describe, expect, it } from 'vitest';
import type { DownOf } from '#lib/protocol/down.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const heardBy = (client: TestClient) =>
  client.messages.filter((message): message is DownOf<'stage'> => message.t === 'stage');

async function withRemote() {
  const show = await TestShow.open();
  const remote = await TestClient.connect(show.site, show.presenter);
  return { show, remote };
}

describe('a word between the presenter’s screens', () => {
  it('is answered by a stage that says how it stands, also when the room slept in between', async () => {
    const { show, remote } = await withRemote();
    await show.sleep();
    remote.send({ t: 'stage' });
    await show.stage.until(() => heardBy(show.stage).length > 0);
    await show.sleep();
    show.stage.send({ t: 'stage', is: true, code: 'corner', blank: false, sku: 'ticket' });
    await remote.until(() => heardBy(remote).length > 0);
    expect(heardBy(remote)).toEqual([{ t: 'stage', is: true, code: 'corner', blank: false, sku: 'ticket' }]);
  });

  it('is no event: log, state and audit do not know of it', async () => {
    const { show, remote } = await withRemote();
    const told = async () => {
      const { events } = await exportLog(show.site, show.presenter.token);
      return events.filter(({ kind }) => kind !== 'cost');
    };
    const before = await told();
    remote.send({ t: 'stage', blank: true });
    await show.stage.until(() => heardBy(show.stage).length > 0);
    expect(await told()).toEqual(before);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('is not for participants: they are told so, and nobody hears them', async () => {
    const { show, remote } = await withRemote();
    const phone = await show.phone();
    phone.send({ t: 'stage', blank: true });
    await phone.until(() => phone.messages.some(({ t }) => t === 'nack'));
    expect(phone.messages.find(({ t }) => t === 'nack')).toMatchObject({ code: 'FORBIDDEN' });
    show.stage.send({ t: 'stage', is: true });
    await remote.until(() => heardBy(remote).length > 0);
    expect(heardBy(remote)).toEqual([{ t: 'stage', is: true }]);
    expect(heardBy(show.stage)).toEqual([]);
  });

  it.each([
    ['another code', { code: 'huge' }],
    ['a darkness that is no yes or no', { blank: 'yes' }],
    ['an endless product', { sku: 'x'.repeat(65) }],
    ['a stage that says it is none', { is: false }],
  ])('is refused with %s, and not handed on', async (_what, words) => {
    const { show, remote } = await withRemote();
    remote.sendRaw(JSON.stringify({ t: 'stage', ...words }));
    await remote.until(() => remote.messages.some(({ t }) => t === 'nack'));
    expect(remote.messages.find(({ t }) => t === 'nack')).toMatchObject({ code: 'INVALID_REQUEST' });
    remote.send({ t: 'stage', blank: false });
    await show.stage.until(() => heardBy(show.stage).length > 0);
    expect(heardBy(show.stage)).toEqual([{ t: 'stage', blank: false }]);
  });

  it('goes on after every connection was cut', async () => {
    const { show, remote } = await withRemote();
    await show.cut();
    await remote.until(() => remote.closed !== null);
    const stage = await TestClient.connect(show.site, show.presenter);
    const back = await TestClient.connect(show.site, show.presenter);
    back.send({ t: 'stage', code: 'hidden' });
    await stage.until(() => heardBy(stage).length > 0);
    expect(heardBy(stage)).toEqual([{ t: 'stage', code: 'hidden' }]);
  });
});
