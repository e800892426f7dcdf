/** Sleep: a silent room falls asleep by itself, and whoever is connected cannot tell. */
import { describe, expect, it } from 'vitest';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

/** A room hibernates after 10 s without anything happening. */
const SILENCE_MS = 13_000;
/**
 * What something has cost is told within a second of it: who has heard nothing for longer has heard all of it. A machine that has other
 * things to do may be late.
 */
const TOLD_WITHIN_MS = 2_500;

/** What a room shows, and what its meters say. */
interface Look {
  state: unknown;
  meters: MeterCounts;
}

/** What sleep itself costs: the time awake, and the rows that are written before it and read on waking. */
const SLEEPS = new Set<string>(['do.activeSecond', 'do.rowRead', 'do.rowWritten']);

/** What a room shows, and what its meters say, but for those that sleep itself moves. */
async function look(show: TestShow): Promise<Look> {
  const { token } = show.presenter;
  const { data } = await show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', { token });
  const { exposureUsd, realUsd, locked, lines } = data.ledger;
  const counted = lines.filter(({ meter }) => !SLEEPS.has(meter));
  return {
    state: { ...data, ledger: { exposureUsd, realUsd, locked } },
    meters: Object.fromEntries(counted.map(({ meter, quantity }) => [meter, quantity])),
  };
}

/** The same a look later: the second look is one request more, and the first was not forgotten. */
function aLookLater({ state, meters }: Look): Look {
  const later = { ...meters };
  addCounts(later, { 'worker.request': 1, 'do.request': 1 });
  return { state, meters: later };
}

/** Waits until the room has told the last thing that there is to tell: what it cost, and that it looked at all of it. */
async function quiet({ stage }: TestShow): Promise<void> {
  const audited = () => stage.messages.findLast((message) => message.t === 'audit')?.seq ?? 0;
  await stage.until(
    () =>
      stage.events.at(-1)?.kind === 'cost' &&
      stage.state?.lanes.eventual?.inFlight === 0 &&
      audited() === stage.seq,
  );
}

/** The same, for a room in which more things happen than one tick of the ledger tells of. */
async function silent(show: TestShow): Promise<void> {
  const { messages } = show.stage;
  for (let heard = -1; heard !== messages.length; await scheduler.wait(TOLD_WITHIN_MS)) {
    await quiet(show);
    heard = messages.length;
  }
}

describe('a silent room', () => {
  /** Rooms in which something has happened that a timer could have been left behind by. */
  const scenes: Record<string, (show: TestShow) => Promise<void>> = {
    'taps on both lanes': async (show) => {
      await show.setMode('both');
      const phone = await show.phone();
      await phone.buy();
      await phone.buy({ units: 50 });
      await phone.buy({ units: 50 });
    },
    'a rush that was busy': async (show) => {
      await show.setMode('eventual');
      await show.rush(100);
    },
    'a reset, a trip and a step': async (show) => {
      await show.reset();
      show.stage.send({ t: 'guardrail', action: 'trip' });
      show.stage.send({ t: 'control', step: 4 });
      await show.stage.until(() => show.stage.state?.step === 4);
    },
    'a refused tap, a malformed message and a phone that left': async (show) => {
      const phone = await show.phone();
      await phone.buy({ epoch: 0 });
      phone.sendRaw('{');
      await show.stage.until(() => show.stage.state?.people.phones === 2);
      phone.close();
      await show.stage.until(() => show.stage.state?.people.phones === 1);
    },
    'a session that was renewed and one that logged out': async (show) => {
      const session = await show.site.join(show.presenter.show);
      const phone = await TestClient.connect(show.site, session);
      await show.site.call('/api/auth/renew', { token: show.presenter.token, body: {} });
      await show.site.call('/api/auth/logout', { token: session.token, body: {} });
      await phone.until(() => phone.closed !== null);
    },
  };

  it('falls asleep by itself, whatever happened before and with pings coming in, and wakes as it was', async () => {
    const rooms = await Promise.all(
      Object.entries(scenes).map(async ([name, play]) => {
        const show = await TestShow.open({ capacity: 60 });
        const phone = await show.phone();
        await play(show);
        await silent(show);
        return { name, show, phone, before: await look(show), heard: show.stage.messages.length };
      }),
    );
    const pings = setInterval(() => {
      for (const { phone } of rooms) phone.sendRaw('ping');
    }, 3_000);
    await scheduler.wait(SILENCE_MS);
    clearInterval(pings);
    for (const { name, show, phone, before, heard } of rooms) {
      expect(show.stage.messages.length, `${name}: nothing was said meanwhile`).toBe(heard);
      expect(await look(show), name).toEqual(aLookLater(before));
      const again = await TestClient.connect(show.site, show.presenter);
      const { welcome } = show.stage;
      expect(again.welcome.instance, `${name}: it is another life`).not.toBe(welcome.instance);
      expect(again.welcome.wakes, name).toBe(welcome.wakes + 1);
      expect((await phone.buy()).t, `${name}: the socket that slept is answered`).toBe('ack');
      const { ops } = phone.state?.lanes.safe ?? {};
      await show.stage.until(() => show.stage.seq >= phone.seq);
      expect(show.stage.state?.lanes.safe?.ops).toBe(ops);
      expect(await show.failedChecks(), name).toEqual([]);
    }
  }, 60_000);
});

describe('a room that forgets everything after every act', () => {
  it('shows the same before and after, in one stream, and its log is whole', async () => {
    const show = await TestShow.open({ capacity: 30 }, 'both');
    const phone = await show.phone();
    const { stage } = show;
    const acts: [string, () => Promise<unknown>][] = [
      ['a tap', () => phone.buy({ units: 2, rttMs: 31 })],
      ['the same tap again', () => phone.buy({ op: lastOp(phone), units: 2 })],
      ['a mode', () => show.setMode('eventual')],
      ['a rush', () => show.rush(40)],
      ['a step', () => send(stage, { t: 'control', step: 5 }, () => stage.state?.step === 5)],
      [
        'a trip',
        () => send(stage, { t: 'guardrail', action: 'trip' }, () => stage.state?.guardrail.tripped === true),
      ],
      ['a reset', () => show.reset()],
      ['a tap after it', () => phone.until(() => phone.epoch === 2).then(() => phone.buy())],
      ['a newcomer', () => comes(show)],
    ];
    for (const [name, act] of acts) {
      await act();
      await silent(show);
      const before = await look(show);
      await show.sleep();
      expect(await look(show), name).toEqual(aLookLater(before));
    }
    const again = await TestClient.connect(show.site, show.presenter);
    expect(again.welcome.wakes).toBe(acts.length + 1);
    const { events } = await exportLog(show.site, show.presenter.token);
    expect(stage.events).toEqual(events.slice(-stage.events.length));
    expect(await show.failedChecks()).toEqual([]);
  }, 120_000);
});

function lastOp(phone: TestClient): string {
  const ack = phone.messages.findLast((message) => message.t === 'ack');
  if (!ack) throw new Error('This phone was not answered yet.');
  return ack.op;
}

function send(
  stage: TestClient,
  message: Parameters<TestClient['send']>[0],
  holds: () => boolean,
): Promise<void> {
  stage.send(message);
  return stage.until(holds);
}

/** Somebody new comes, and what that cost is told. */
async function comes(show: TestShow): Promise<void> {
  const { seq } = show.stage;
  await show.phone();
  await show.stage.until(() => show.stage.seq > seq);
}
