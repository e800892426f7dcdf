/** Predict, then prove: one answer each, hidden until the guess is closed, and counted without names. */
import { describe, expect, it } from 'vitest';
import type { GuessAction, GuessQuestion } from '#lib/domain/guess-questions.ts';
import type { RoomClient } from './client.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** Scenarios of guesses. */
export function guessScenarios(host: Host): void {
  const guessOf = ({ state }: RoomClient) => state?.guess;

  const ask = async ({ stage }: Scene, action: GuessAction, question?: GuessQuestion) => {
    const told = () => ofKind(stage.events, 'guess').length;
    const before = told();
    stage.send({ t: 'ask', action, ...(question ? { question } : {}) });
    await stage.until(() => told() > before);
  };

  /** Answers, and waits for what the room says to it: the value that it took, or why it took none. */
  const answer = async (phone: RoomClient, value: number, asked?: number) => {
    const before = phone.messages.length;
    const find = () =>
      phone.messages.slice(before).find((message) => message.t === 'guessed' || message.t === 'nack');
    phone.send({ t: 'guess', value, ...(asked === undefined ? {} : { asked }) });
    await phone.until(() => find() !== undefined);
    const said = find();
    return said?.t === 'guessed' ? said.value : said?.t === 'nack' ? said.code : null;
  };

  const open = async (question: GuessQuestion = 'safe-sold') => {
    const scene = await Scene.open(host, { capacity: 100 });
    const { person, phone } = await scene.guest();
    await ask(scene, 'open', question);
    return { scene, person, phone, asked: guessOf(scene.stage)!.asked };
  };

  const told = async (scene: Scene) => ofKind((await scene.log()).events, 'guess').map(({ body }) => body);

  describe('a guess', () => {
    it('hides what was said until it is closed, from everybody, and then shows it to everybody', async () => {
      const { scene, phone, asked } = await open('eventual-promised');
      const phones = [phone, ...(await scene.phones(2))];
      for (const [place, each] of phones.entries()) {
        expect(await answer(each, 90 + place * 10, asked)).toBe(90 + place * 10);
      }
      await scene.stage.until(() => guessOf(scene.stage)?.n === 3);
      for (const client of [scene.stage, ...phones]) {
        const heard = client.messages.filter(({ t }) => t === 'frame' || t === 'welcome');
        expect(JSON.stringify(heard)).not.toContain('spread');
      }
      await ask(scene, 'close');
      const spread = { median: 100, width: 10, counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1] };
      const closed = { asked, question: 'eventual-promised', max: 300, open: false, n: 3, spread };
      for (const client of [scene.stage, ...phones]) {
        await client.until(() => guessOf(client)?.open === false);
        expect(guessOf(client)).toEqual(closed);
      }
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('takes one answer of each participant, the newest, on all of their screens, and no name', async () => {
      const { scene, person, phone, asked } = await open();
      const tab = await scene.show.connect(person);
      expect(await answer(phone, 11)).toBe(11);
      await tab.until(() => tab.of('guessed').length > 0);
      expect(await answer(tab, 20)).toBe(20);
      const back = await scene.show.connect(person);
      expect(back.welcome.you.guess).toEqual({ asked, value: 20 });
      expect(await answer(back, 20, asked)).toBe(20);
      await ask(scene, 'close');
      const bodies = await told(scene);
      expect(bodies).toMatchObject([{ state: 'opened' }, { state: 'closed', n: 1, median: 20 }]);
      expect(JSON.stringify(bodies)).not.toContain(person.label);
    });

    it('takes no answer that is none, none before or after it, and none to another one', async () => {
      const { scene, phone, asked } = await open();
      for (const value of [301, -1, 1.5, 2 ** 60]) expect(await answer(phone, value)).toBe('INVALID_REQUEST');
      expect(await answer(phone, 1, asked - 1)).toBe('STALE_EPOCH');
      await ask(scene, 'close');
      expect(await answer(phone, 1)).toBe('STALE_EPOCH');
      await ask(scene, 'open', 'eventual-lost');
      expect(await answer(phone, 1, asked)).toBe('STALE_EPOCH');
      await ask(scene, 'drop');
      expect(await answer(phone, 1)).toBe('STALE_EPOCH');
      expect(guessOf(scene.stage)).toBeUndefined();
      expect((await told(scene)).map(({ state, n }) => [state, n ?? 0])).toEqual([
        ['opened', 0],
        ['closed', 0],
        ['opened', 0],
        ['dropped', 0],
      ]);
    });

    it.each(['drop', 'close'] as const)(
      'after a %s of the one before starts without answers',
      async (action) => {
        const { scene, person, phone } = await open();
        await answer(phone, 1);
        await ask(scene, action);
        await ask(scene, 'open', 'safe-sold');
        const back = await scene.show.connect(person);
        expect(back.welcome.you).not.toHaveProperty('guess');
        expect(guessOf(back)).toMatchObject({ open: true, n: 0 });
      },
    );

    it('is the audience’s to answer, one at a time, and about the step when nothing is named', async () => {
      const { scene } = await open('eventual-lost');
      expect(await answer(scene.stage, 1)).toBe('FORBIDDEN');
      const second = await scene.stage.refusalOf({ t: 'ask', action: 'open', question: 'safe-sold' });
      expect(second.code).toBe('INVALID_REQUEST');
      await ask(scene, 'close');
      scene.stage.send({ t: 'control', step: 3 });
      await scene.stage.until(() => scene.stage.state?.step === 3);
      await ask(scene, 'open');
      expect((await told(scene)).map(({ state, question }) => `${state} ${question}`)).toEqual([
        'opened eventual-lost',
        'closed eventual-lost',
        'opened eventual-promised',
      ]);
    });

    it('is closed by a reset, before it, with what was said by then', async () => {
      const { scene, person, phone } = await open();
      await answer(phone, 42);
      await scene.reset();
      expect(guessOf(scene.stage)).toBeUndefined();
      expect((await scene.show.connect(person)).welcome.you).not.toHaveProperty('guess');
      const { events } = await scene.log();
      const closed = ofKind(events, 'guess').at(-1);
      expect(closed).toMatchObject({ epoch: 1, body: { state: 'closed', by: 'reset', n: 1, median: 42 } });
      expect(ofKind(events, 'reset')[0]!.seq).toBeGreaterThan(closed!.seq);
      await ask(scene, 'open', 'safe-sold');
      expect(guessOf(scene.stage)).toMatchObject({ open: true, n: 0 });
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('is closed by the end of the show, before it', async () => {
      const { scene, person, phone } = await open();
      await answer(phone, 42);
      await scene.show.end();
      await phone.until(() => phone.closed !== null);
      const { events } = await scene.log(person);
      const closed = ofKind(events, 'guess').at(-1);
      expect(closed?.body).toMatchObject({ state: 'closed', by: 'end', n: 1, median: 42 });
      expect(ofKind(events, 'closed')[0]!.seq).toBeGreaterThan(closed!.seq);
    });
  });
}
