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
  it('hides what was said until it is closed, from everybody, and then shows it to everybody', async () => {
    const { show, asked, clients, phone } = await openShow('eventual-promised', 3);
    await phone.until(() => guessOf(phone)?.open === true);
    expect(guessOf(phone)).toMatchObject({ asked, question: 'eventual-promised', max: 300, open: true });
    for (const [place, client] of clients.entries()) {
      expect(await answer(client, 90 + place * 10, asked)).toEqual({
        t: 'guessed',
        asked,
        value: 90 + place * 10,
      });
    }
    await show.stage.until(() => guessOf(show.stage)?.n === 3);
    for (const client of [show.stage, ...clients]) {
      const told = client.messages.filter(({ t }) => t === 'frame' || t === 'welcome');
      expect(JSON.stringify(told)).not.toContain('spread');
    }
    await ask(show, 'close');
    const spread = { median: 100, width: 10, counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1] };
    for (const client of [show.stage, ...clients]) {
      await client.until(() => guessOf(client)?.open === false);
      expect(guessOf(client)).toEqual({
        asked,
        question: 'eventual-promised',
        max: 300,
        open: false,
        n: 3,
        spread,
      });
    }
    expect(await show.failedChecks()).toEqual([]);
  });

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

  it('takes none before it is open, none after it is closed, and none that was meant for another one', async () => {
    const { show, asked, phone } = await openShow();
    expect(await answer(phone, 1, asked - 1)).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
    await ask(show, 'close');
    expect(await answer(phone, 1)).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
    await ask(show, 'open', 'eventual-lost');
    expect(await answer(phone, 1, asked)).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
    await ask(show, 'drop');
    expect(await answer(phone, 1)).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
    expect(phone.closed).toBeNull();
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

  it('asks one thing at a time, and what the step is about when nothing is named', async () => {
    const { show } = await openShow('eventual-lost');
    show.stage.send({ t: 'ask', action: 'open', question: 'safe-sold' });
    const refused = () => show.stage.messages.find((message) => message.t === 'nack');
    await show.stage.until(() => refused() !== undefined);
    expect(refused()).toMatchObject({ code: 'INVALID_REQUEST' });
    await ask(show, 'close');
    show.stage.send({ t: 'ask', action: 'close' });
    show.stage.send({ t: 'control', step: 3 });
    await show.stage.until(() => show.stage.state?.step === 3);
    await ask(show, 'open');
    expect((await guessEvents(show)).map(({ state, question }) => `${state} ${question}`)).toEqual([
      'opened eventual-lost',
      'closed eventual-lost',
      'opened eventual-promised',
    ]);
  });

  it('is closed by a reset, with what was said by then; the next one starts without answers', async () => {
    const { show, session, phone } = await openShow();
    await answer(phone, 42);
    await show.reset();
    expect(guessOf(show.stage)).toBeUndefined();
    expect((await TestClient.connect(show.site, session)).welcome.you).not.toHaveProperty('guess');
    const { events } = await exportLog(show.site, show.presenter.token);
    const closed = events.findIndex((event) => event.kind === 'guess' && event.body.state === 'closed');
    expect(events[closed]).toMatchObject({ epoch: 1, body: { by: 'reset', n: 1, median: 42 } });
    expect(events.findIndex(({ kind }) => kind === 'reset')).toBeGreaterThan(closed);
    await ask(show, 'open', 'safe-sold');
    expect(guessOf(show.stage)).toMatchObject({ open: true, n: 0 });
    expect(await show.failedChecks()).toEqual([]);
  });

  it('is closed by the end of the show', async () => {
    const { show, session, phone } = await openShow();
    await answer(phone, 42);
    await show.site.call('/api/auth/logout', { method: 'POST', token: show.presenter.token });
    await phone.until(() => phone.closed !== null);
    const { events } = await exportLog(show.site, session.token);
    const kinds = events.map((event) => (event.kind === 'guess' ? `guess ${event.body.state}` : event.kind));
    expect(kinds.indexOf('guess closed')).toBeGreaterThan(0);
    expect(kinds.indexOf('closed')).toBeGreaterThan(kinds.indexOf('guess closed'));
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

  it('are forgotten when the guess is put away', async () => {
    const { show, session, phone } = await openShow();
    await answer(phone, 1);
    await ask(show, 'drop');
    expect(guessOf(show.stage)).toBeUndefined();
    await ask(show, 'open', 'safe-sold');
    const back = await TestClient.connect(show.site, session);
    expect(back.welcome.you).not.toHaveProperty('guess');
    expect(guessOf(back)).toMatchObject({ n: 0 });
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
