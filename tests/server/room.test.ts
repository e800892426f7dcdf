/** The room on the safe lane: admission, exactly once, the stream, sleep. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { TestClient } from './support/client.ts';
import { TestSite } from './support/site.ts';

const site = new TestSite();

async function openRoom(sku: { capacity?: number; unitPrice?: number } = {}) {
  const presenter = await site.openShow({ skus: [{ id: 'ticket', ...sku }] });
  const stage = await TestClient.connect(site, presenter);
  return { presenter, stage, evict: () => sleep(presenter) };
}

async function sleep({ show }: LoginResult): Promise<void> {
  await evictDurableObject(env.ROOM.getByName(roomName(show, 'ticket')));
}

describe('the safe lane', () => {
  it('sells what it has and not one more', async () => {
    const { presenter, stage } = await openRoom({ capacity: 3 });
    const phone = await TestClient.connect(site, await site.join(presenter.show));
    const answers = [];
    for (let tap = 0; tap < 5; tap++) answers.push(await phone.buy());
    expect(answers.map((answer) => (answer.t === 'ack' ? answer.lanes.safe?.status : answer.code))).toEqual([
      'allocated',
      'allocated',
      'allocated',
      'refused',
      'refused',
    ]);
    await stage.until(() => stage.state?.lanes.safe.refused.OUT_OF_STOCK === 2);
    expect(stage.state?.lanes.safe).toMatchObject({
      acknowledged: 3,
      stored: 3,
      lostUnits: 0,
      oversellDelta: 0,
      ops: 3,
    });
  });

  it('does an op once, however often it comes, and through sleep', async () => {
    const { presenter, evict } = await openRoom();
    const phone = await TestClient.connect(site, await site.join(presenter.show));
    const op = crypto.randomUUID();
    const first = await phone.buy({ op });
    await evict();
    const again = await phone.buy({ op });
    expect(again).toEqual(first);
    await evict();
    expect(await phone.buy({ op, units: 2 })).toMatchObject({ t: 'nack', code: 'IDEMPOTENCY_KEY_REUSED' });
    const other = await TestClient.connect(site, await site.join(presenter.show));
    expect(await other.buy({ op })).toMatchObject({ t: 'nack', code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(other.state?.lanes.safe.acknowledged).toBe(1);
  });
});
