/** Attacks that wait for something to break: what fails inside is logged, and tells its client nothing. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { roomName, roomPath } from '#lib/protocol/paths.ts';
import { MAX_SOCKETS_PER_PARTICIPANT } from '#lib/protocol/limits.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import { inRoom } from './support/inner-room.ts';
import { newShow } from './support/site.ts';
import { upgrade } from './support/socket.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

it('a room that fails to greet a socket closes it, and sends no stack', async () => {
  const { presenter } = await newShow();
  await runInDurableObject(env.ROOM.getByName(roomName(presenter.show, 'ticket')), (_room, { storage }) => {
    const getAlarm = () => Promise.reject(new Error('a bug at line 7'));
    Object.defineProperty(storage, 'getAlarm', { value: getAlarm, configurable: true });
  });
  const { webSocket } = await upgrade(roomPath(presenter.show, 'ticket'), { token: presenter.token });
  const heard: string[] = [];
  const code = await new Promise<number>((resolve) => {
    webSocket?.addEventListener('message', ({ data }) => heard.push(String(data)));
    webSocket?.addEventListener('close', (event) => resolve(event.code));
    webSocket?.accept();
  });
  expect(code).toBe(1011);
  expect(heard.filter((text) => /line 7|\bat\b.*\.ts:|"error"/.test(text))).toEqual([]);
});

it('one session cannot fill a room with its sockets: the oldest make way for the newest', async () => {
  const show = await TestShow.open();
  const session = await show.site.join(show.presenter.show);
  const other = await show.phone();
  const sockets: TestClient[] = [];
  for (let count = 0; count < MAX_SOCKETS_PER_PARTICIPANT + 2; count++) {
    sockets.push(await TestClient.connect(show.site, session));
  }
  const [first, second, ...left] = sockets;
  for (const oldest of [first, second]) {
    await oldest?.until(() => oldest.closed !== null);
    expect(oldest?.closed?.code).toBe(4429);
  }
  expect((await left.at(-1)?.buy())?.t).toBe('ack');
  expect(left.filter(({ closed }) => closed)).toEqual([]);
  expect((await other.buy()).t).toBe('ack');
});

it('many who ask for an audit at once share one that began after they asked', async () => {
  let runs = 0;
  const bend = (lane: StoredLane): StoredLane => ({
    ...lane,
    writesAfter: (room, version) => {
      runs += 1;
      return lane.writesAfter(room, version);
    },
  });
  await inRoom({ mode: 'safe', bend }, async ({ room, tap }) => {
    await tap({ units: 1 }).first;
    const before = runs;
    const answers = await Promise.all(Array.from({ length: 20 }, () => room.audits.ask()));
    for (const result of answers) expect(result).toMatchObject({ ok: true });
    // The first began alone; everybody else asked while it was under way.
    expect(runs - before).toBe(2);
    await tap({ units: 1 }).first;
    const { checks } = await room.audits.ask();
    expect(checks.some(({ found }) => String(found).includes('2'))).toBe(true);
  });
});
