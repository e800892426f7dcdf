/** Predict, then prove: one answer each, kept through sleep and death, hidden until it is closed, and counted without names. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '#lib/domain/events.ts';
import type { GuessAction, GuessQuestion } from '#lib/domain/guess-questions.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const guessOf = ({ state }: TestClient) => state?.guess;

async function ask({ stage }: TestShow, action: GuessAction, question?: GuessQuestion): Promise<void> {
  const told = () => stage.events.filter(({ kind }) => kind === 'guess').length;
  const before = told();
  stage.send({ t: 'ask', action, ...(question ? { question } : {}) });
  await stage.until(() => told() > before);
}

/** Answers, and waits for what the room says to it. */
async function answer(phone: TestClient, value: number, asked?: number) {
  const before = phone.messages.length;
  const find = () => phone.messages.slice(before).find(({ t }) => t === 'guessed' || t === 'nack');
  phone.send({ t: 'guess', value, ...(asked === undefined ? {} : { asked }) });
  await phone.until(() => find() !== undefined);
  return find();
}

async function guessEvents(show: TestShow): Promise<EventOf<'guess'>['body'][]> {
  const { events } = await exportLog(show.site, show.presenter.token);
  return events.flatMap((event) => (event.kind === 'guess' ? [event.body] : []));
}

async function openShow(question: GuessQuestion = 'safe-sold', phones = 1) {
  const show = await TestShow.open({ capacity: 100 });
  const sessions = await Promise.all(
    Array.from({ length: phones }, () => show.site.join(show.presenter.show)),
  );
  const clients = await Promise.all(sessions.map((session) => TestClient.connect(show.site, session)));
  await ask(show, 'open', question);
  const asked = guessOf(show.stage)!.asked;
  return { show, asked, clients, session: sessions[0] as LoginResult, phone: clients[0] as TestClient };
}

describe('a guess', () => {
  it('takes one answer of each participant: the newest, on however many screens, however often they come back', async () => {
    const { show, asked, session, phone } = await openShow();
    const tab = await TestClient.connect(show.site, session);
    await answer(phone, 10);
    await tab.until(() => tab.messages.some(({ t }) => t === 'guessed'));
    await answer(tab, 20);
    phone.close();
    const back = await TestClient.connect(show.site, session);
    expect(back.welcome.you.guess).toEqual({ asked, value: 20 });
    expect(await answer(back, 20, asked)).toMatchObject({ t: 'guessed', value: 20 });
    await ask(show, 'close');
    expect((await guessEvents(show)).at(-1)).toMatchObject({ state: 'closed', n: 1, median: 20 });
  });

  it('refuses an answer that is none, and counts nothing of it', async () => {
    const { show, asked, phone } = await openShow();
    expect(await answer(phone, 301)).toMatchObject({ t: 'nack', code: 'INVALID_REQUEST' });
    expect(await answer(phone, 2 ** 60)).toMatchObject({ t: 'nack', code: 'INVALID_REQUEST' });
    expect(await answer(phone, -1)).toMatchObject({ t: 'nack', code: 'INVALID_REQUEST' });
    expect(await answer(phone, 1.5)).toMatchObject({ t: 'nack', code: 'INVALID_REQUEST' });
    phone.sendRaw('{"t":"guess","value":NaN}');
    await phone.until(() =>
      phone.messages.some((message) => message.t === 'nack' && message.code === 'INVALID_JSON'),
    );
    expect(await answer(phone, 300, asked)).toMatchObject({ t: 'guessed' });
    await ask(show, 'close');
    expect((await guessEvents(show)).at(-1)).toMatchObject({ n: 1, median: 300 });
  });

  it('is the presenter’s to ask and the audience’s to answer', async () => {
    const { show, phone } = await openShow();
    const nacks = () =>
      phone.messages.filter((message) => message.t === 'nack' && message.code === 'FORBIDDEN').length;
    for (const action of ['open', 'close', 'drop'] as const) {
      const before = nacks();
      phone.send({ t: 'ask', action });
      await phone.until(() => nacks() > before);
    }
    expect(await answer(show.stage, 1)).toMatchObject({ t: 'nack', code: 'FORBIDDEN' });
    expect((await guessEvents(show)).map(({ state }) => state)).toEqual(['opened']);
  });
});

describe('answers', () => {
  it('outlive a sleep, and the room’s sudden death', async () => {
    const { show, asked, session, phone } = await openShow();
    await answer(phone, 137);
    await show.sleep();
    const other = await show.phone();
    await answer(other, 100);
    await show.stage.until(() => guessOf(show.stage)?.n === 2);
    await show.die();
    const stage = await TestClient.connect(show.site, show.presenter);
    expect(guessOf(stage)).toMatchObject({ asked, open: true, n: 2 });
    const back = await TestClient.connect(show.site, session);
    expect(back.welcome.you.guess).toEqual({ asked, value: 137 });
    stage.send({ t: 'ask', action: 'close' });
    await stage.until(() => guessOf(stage)?.open === false);
    expect(guessOf(stage)).toMatchObject({ n: 2, spread: { median: 100 } });
    await show.sleep();
    const { token } = show.presenter;
    const { data } = await show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', { token });
    expect(data.guess).toEqual(guessOf(stage));
  });

  it('stand in no event: not by owner, not by label, not one by one', async () => {
    const { show, session, phone } = await openShow();
    await answer(phone, 211);
    await answer(phone, 212);
    await ask(show, 'close');
    const told = JSON.stringify(await guessEvents(show));
    expect(JSON.parse(told)).toHaveLength(2);
    expect(told).not.toContain(session.label);
    expect(told).not.toContain(session.sessionId);
    // The answer that was thought better of is nowhere.
    expect(told).not.toContain('211');
  });

  it('of simulated shoppers do not exist', async () => {
    const { show } = await openShow();
    await show.rush(50);
    await ask(show, 'close');
    expect((await guessEvents(show)).at(-1)).toMatchObject({ state: 'closed', n: 0, counts: [] });
  });

  it('by the hundred from one socket are a flood like any other', async () => {
    const { phone } = await openShow();
    const flood = setInterval(() => {
      for (let message = 0; message < 20; message += 1) phone.send({ t: 'guess', value: message });
    }, 100);
    await phone.until(() => phone.closed !== null).finally(() => clearInterval(flood));
    expect(phone.closed?.code).toBe(4429);
  });
});

describe('frames', () => {
  it('carry a guess only while there is one, in at most 250 bytes', async () => {
    const { show, phone } = await openShow('eventual-promised');
    const other = await show.phone();
    await answer(phone, 0);
    await answer(other, 300);
    await ask(show, 'close');
    expect(JSON.stringify({ guess: guessOf(show.stage) }).length).toBeLessThan(250);
    await ask(show, 'drop');
    expect(show.stage.state).not.toHaveProperty('guess');
  });
});
