/** Attacks by what is said on a socket that may be there. The fault suite throws a hundred thousand of these; here is one of each. */
import { describe, expect, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MAX_MESSAGE_BYTES } from '#lib/protocol/limits.ts';
import type { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const order = (fields: string) => `{"t":"allocate","op":"${crypto.randomUUID()}","epoch":1${fields}}`;

/** A show with an attacker and a bystander; afterwards the bystander is served, and nothing happened but that. */
async function underAttack(attack: (attacker: TestClient) => Promise<void>): Promise<void> {
  const show = await TestShow.open();
  const [attacker, bystander] = (await show.phones(2)) as [TestClient, TestClient];
  const { instance, wakes } = show.stage.welcome;
  await attack(attacker);
  expect(await bystander.buy()).toMatchObject({ t: 'ack', lanes: { safe: { status: 'allocated' } } });
  expect([bystander.closed, show.stage.closed]).toEqual([null, null]);
  const late = await show.phone();
  expect(late.welcome, 'the room was not even restarted').toMatchObject({ instance, wakes });
  const { events } = await exportLog(show.site, show.presenter.token);
  const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== 'cost' && kind !== 'refused');
  expect(kinds).toEqual(['opened', 'allocated']);
  expect({}).not.toHaveProperty('units');
}

describe('what a hostile socket says costs it an answer or its place, and nobody else anything', () => {
  it.each([
    ['binary', new Uint8Array([0, 159, 146, 150]).buffer],
    ['binary that would be an order as text', new TextEncoder().encode(order('')).buffer as ArrayBuffer],
    ['nothing at all', ''],
    ['thousands of arrays', '['.repeat(4_000)],
    ['thousands of closed arrays', '['.repeat(2_000) + ']'.repeat(2_000)],
    ['arrays where the kind is', `{"t":${'['.repeat(1_900)}${']'.repeat(1_900)}}`],
    [
      'a prototype in place of an order',
      `{"__proto__":{"t":"allocate","op":"${crypto.randomUUID()}","epoch":1}}`,
    ],
    ['a prototype that buys for fifty', order(',"units":"x","__proto__":{"units":50}')],
    ['a constructor', '{"t":"constructor"}'],
    ['the prototype as a kind', '{"t":"__proto__"}'],
    ["a server's words", '{"t":"welcome","v":1}'],
    ['an amount without end', order(',"units":1e999')],
    ['another round trip than time has', order(',"rttMs":1e300')],
    ['a pong', 'pong'],
  ])('%s', async (_what, data) => {
    await underAttack(async (attacker) => {
      attacker.sendRaw(data);
      await attacker.until(() => attacker.messages.some(({ t }) => t === 'nack'));
      expect(attacker.closed).toBeNull();
    });
  });

  it.each([
    ['a text one byte too long', ' '.repeat(MAX_MESSAGE_BYTES + 1)],
    ['a text of a megabyte', 'x'.repeat(1_000_000)],
    ['an order with a long tail', order(`,"x":"${'y'.repeat(MAX_MESSAGE_BYTES)}"`)],
    ['a megabyte of zeros', new ArrayBuffer(1_000_000)],
  ])('%s', async (_what, data) => {
    await underAttack(async (attacker) => {
      attacker.sendRaw(data);
      await attacker.until(() => attacker.closed !== null);
      expect(attacker.closed?.code).toBe(CLOSE.tooBig);
    });
  });

  it('a thousand pings are answered without the room, and close nobody', async () => {
    await underAttack(async (attacker) => {
      for (let i = 0; i < 1_000; i++) attacker.sendRaw('ping');
      attacker.sendRaw('{');
      await attacker.until(() => attacker.messages.some(({ t }) => t === 'nack'));
    });
  });
});
