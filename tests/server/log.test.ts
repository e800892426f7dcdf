/** The log: what anybody can take home, and check without us. */
import { describe, expect, it } from 'vitest';
import { Audit } from '#lib/domain/audit.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { canonicalJson } from '#lib/domain/log.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { exportLog, sha256 } from './support/log.ts';
import type { ExportedLog } from './support/log.ts';
import { TestShow } from './support/show.ts';
import { freshAddress } from './support/site.ts';

/** A show in which everything that can happen has happened. */
async function eventful() {
  const show = await TestShow.open({ capacity: 10 }, 'both', { VIRTUAL_COST_THRESHOLD: '5' });
  await show.rush(30);
  await show.settled();
  show.stage.send({ t: 'control', step: 3 });
  show.stage.send({ t: 'guardrail', action: 'clear' });
  await show.stage.until(() => show.stage.events.some(({ kind }) => kind === 'step'));
  await show.reset();
  await show.rush(5, { mode: 'eventual' });
  await show.settled();
  // The cost tick is the last thing to be told.
  await show.stage.until(() => show.stage.events.at(-1)?.kind === 'cost');
  return show;
}

function audit({ events }: Pick<ExportedLog, 'events'>, state?: FullRoomState) {
  const running = new Audit(sha256);
  for (const event of events) running.take(event);
  return running.finish(state ? { state } : {});
}

describe('the exported log', () => {
  it('is dense, chained, canonical, and what the stage saw live', async () => {
    const show = await eventful();
    const log = await exportLog(show.site, show.presenter.token);
    const { skus } = show.presenter;
    expect(log.header).toMatchObject({
      format: 'revenue-guard-log',
      show: show.presenter.show,
      sku: skus[0],
    });
    for (const [index, line] of log.lines.entries()) {
      const { hash, ...rest } = log.events[index] as RoomEvent;
      expect(line).toBe(`${canonicalJson(rest).slice(0, -1)},"hash":"${hash}"}`);
    }
    const seen = show.stage.events;
    expect(log.events.slice(-seen.length)).toEqual(seen);
    const heads = show.stage.messages.flatMap((message) => (message.t === 'frame' ? [message] : []));
    for (const { seq, head } of heads) expect(head).toBe(log.events[seq - 1]?.hash);
  });

  it('is audited green by anybody, with the state that the room shows', async () => {
    const show = await eventful();
    const { token } = show.presenter;
    const log = await exportLog(show.site, token);
    const { data: state } = await show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', { token });
    expect(state.seq).toBe(log.last.seq);
    expect(audit(log, state).checks.filter(({ ok }) => !ok)).toEqual([]);
    const kinds = new Set(log.events.map(({ kind }) => kind));
    for (const kind of ['opened', 'allocated', 'refused', 'lost', 'oversold', 'cost', 'guardrail', 'reset']) {
      expect(kinds).toContain(kind);
    }
  });

  it('betrays one changed figure, and names the event', async () => {
    const show = await TestShow.open();
    await show.rush(3);
    const { events } = await exportLog(show.site, show.presenter.token);
    const forged = structuredClone(events);
    const target = forged.find(({ kind }) => kind === 'allocated');
    if (target?.kind !== 'allocated') throw new Error('Nothing was allocated.');
    target.body.units = 2;
    const failed = audit({ events: forged }).checks.filter(({ ok }) => !ok);
    expect(failed.map(({ found }) => found).join()).toContain(`event ${target.seq} is the first wrong one`);
  });

  it('holds no name, no session and no address: people stand by their label', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const body = { skuId: 'ticket' };
    const ip = freshAddress();
    await show.site.call('/api/demo/allocate', { token: session.token, body, ip });
    const { lines } = await exportLog(show.site, show.presenter.token);
    const text = lines.join('\n');
    expect(text).toContain(session.label);
    for (const secret of [session.sessionId, session.token, ip, show.presenter.sessionId]) {
      expect(text).not.toContain(secret);
    }
  });

  it('comes whole when it is long', async () => {
    const show = await TestShow.open({ capacity: 2_000 });
    for (let wave = 0; wave < 3; wave++) await show.rush(500);
    const log = await exportLog(show.site, show.presenter.token);
    expect(log.events.filter(({ kind }) => kind === 'allocated')).toHaveLength(1_500);
  });
});

describe('the audit', () => {
  it('is green while the room is being hammered', async () => {
    const show = await TestShow.open({ capacity: 50 }, 'eventual');
    const ops = () => show.stage.state?.lanes.eventual?.ops ?? 0;
    const audits = [];
    // A machine that has other things to do audits slowly: one crowd follows another until some audits met one.
    while (audits.length <= 2) {
      const before = ops();
      let over = false;
      const rushing = show.rush(150).finally(() => (over = true));
      await show.stage.until(() => ops() > before);
      while (!over) {
        audits.push(await show.failedChecks());
        // Everything here runs in one process: without a pause, the audits would leave no time for the hammering.
        await scheduler.wait(10);
      }
      await rushing;
    }
    expect(audits.flat()).toEqual([]);
  });
});
