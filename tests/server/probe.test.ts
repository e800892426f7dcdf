import { runInDurableObject } from 'cloudflare:test';
import { it, expect } from 'vitest';
import { TestShow } from './support/show.ts';
import { RoomTables } from '#server/storage/room-tables.ts';
import { freshAddress } from './support/site.ts';
it('reset', async () => {
  const show = await TestShow.open();
  const t = Date.now();
  const r = await show.site.call('/api/demo/reset', { token: show.presenter.token, body: {}, ip: freshAddress() });
  console.log('RESET', Date.now() - t, r.status, JSON.stringify(r.data), JSON.stringify(r.error));
});
it('gauge rows', async () => {
  const show = await TestShow.open();
  await runInDurableObject(show.room, (_i, s) => {
    const t = new RoomTables(s.storage); t.takeSpent();
    t.writeFact('gauges', t.readFact('gauges') ?? ''); console.log('R+W', t.takeSpent());
    t.writeFact('gauges', '{"meters":{}}'); console.log('W', t.takeSpent());
    t.atomically(() => t.writeFact('gauges', '{"meters":{}}')); console.log('W tx', t.takeSpent());
    t.appendLog({firstSeq: 999, lastSeq: 999, lines: '{}'}); console.log('log', t.takeSpent());
    t.writeOp('x', '{}'); console.log('op', t.takeSpent());
    t.writePending('x', '{}'); console.log('pend', t.takeSpent());
    t.deletePending('x'); console.log('del', t.takeSpent());
    t.readOp('y'); console.log('read', t.takeSpent());
  });
});
it('hibernates by itself', async () => {
  const show = await TestShow.open();
  const a = show.stage.welcome;
  await new Promise((r) => setTimeout(r, 13000));
  const b = await (await import('./support/client.ts')).TestClient.connect(show.site, show.presenter);
  console.log('WAKES', a.wakes, a.instance, b.welcome.wakes, b.welcome.instance);
}, 30000);
