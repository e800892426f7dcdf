/** The door of a socket: what cannot be understood, what is too large or too much, and what is not for phones. */
import { describe, expect, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MAX_MALFORMED } from '#lib/protocol/limits.ts';
import type { Up } from '#lib/protocol/up.ts';
import type { Host } from './host.ts';
import { Scene } from './show.ts';

const OP = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

/** Scenarios of what a room does not take. */
export function doorScenarios(host: Host): void {
  describe('a message', () => {
    it.each([
      ['no JSON', '{', 'INVALID_JSON'],
      ['nothing', '', 'INVALID_JSON'],
      ['a list', '[1]', 'INVALID_REQUEST'],
      ['an unknown kind', '{"t":"nonsense"}', 'INVALID_REQUEST'],
      ['a prototype for a kind', '{"t":"__proto__"}', 'INVALID_REQUEST'],
      ['an op that is no UUID', '{"t":"allocate","op":"1","epoch":1}', 'INVALID_REQUEST'],
      ['no epoch', `{"t":"allocate","op":"${OP}"}`, 'INVALID_REQUEST'],
      ['half a unit', `{"t":"allocate","op":"${OP}","epoch":1,"units":0.5}`, 'INVALID_UNITS'],
      ['too many units', `{"t":"allocate","op":"${OP}","epoch":1,"units":51}`, 'INVALID_UNITS'],
      ['an unknown mode', `{"t":"allocate","op":"${OP}","epoch":1,"mode":"x"}`, 'INVALID_MODE'],
    ])('with %s is told what was wrong, and changes nothing', async (_what, text, code) => {
      const scene = await Scene.open(host);
      const phone = await scene.phone();
      const nack = await phone.refusalOf(text);
      expect(nack).toMatchObject({ t: 'nack', code });
      expect(nack.op).toBe(text.includes(OP) ? OP : undefined);
      expect(await phone.buy()).toMatchObject({ t: 'ack', lanes: { safe: { status: 'allocated' } } });
      expect((await scene.state()).lanes.safe?.ops).toBe(1);
    });

    it('that cannot be understood for the tenth time closes its socket, and no other', async () => {
      const scene = await Scene.open(host);
      const [bad, good] = await scene.phones(2);
      for (let count = 0; count < MAX_MALFORMED; count++) bad!.sendRaw('{');
      await bad!.until(() => bad!.closed !== null);
      expect([bad!.closed?.code, bad!.of('nack').length]).toEqual([CLOSE.malformed, MAX_MALFORMED]);
      expect((await good!.buy()).t).toBe('ack');
    });

    it('above 4 kB in UTF-8 closes its socket', async () => {
      const phone = await (await Scene.open(host)).phone();
      phone.sendRaw('ä'.repeat(2_100));
      await phone.until(() => phone.closed !== null);
      expect(phone.closed?.code).toBe(CLOSE.tooBig);
    });
  });

  it('a flood of messages closes the socket that it comes from, and no other', async () => {
    const scene = await Scene.open(host);
    const [bad, good] = await scene.phones(2);
    // Five times as many as are allowed, for as long as a room may be late.
    for (let round = 0; round < 20 && bad!.closed === null; round++) {
      for (let count = 0; count < 50; count++) bad!.send({ t: 'seen', seq: 1 });
      await scene.show.pass(500);
    }
    await bad!.until(() => bad!.closed !== null);
    expect(bad!.closed?.code).toBe(CLOSE.flood);
    expect((await good!.buy()).t).toBe('ack');
  });

  it('phones may not do what is the presenter’s, on the socket', async () => {
    const scene = await Scene.open(host);
    const phone = await scene.phone();
    const acts: Up[] = [
      { t: 'control', mode: 'eventual', step: 2 },
      { t: 'guardrail', action: 'trip' },
      { t: 'drill', kind: 'drop' },
      { t: 'stage', blank: true },
      { t: 'ask', action: 'open' },
    ];
    for (const act of acts) expect((await phone.refusalOf(act)).code).toBe('FORBIDDEN');
    const reset = await phone.refusalOf({ t: 'reset', op: OP.toUpperCase() });
    expect(reset).toMatchObject({ code: 'FORBIDDEN', op: OP.toUpperCase() });
    expect(phone.closed).toBeNull();
    const { events } = await scene.log();
    expect(events.filter(({ kind }) => kind !== 'cost').map(({ kind }) => kind)).toEqual(['opened']);
  });
}
