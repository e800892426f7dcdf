/** A real sleep: rooms that nobody speaks to leave memory by themselves, and nobody notices. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RoomState } from '#lib/domain/room-state.ts';
import { allAnswered, join, openShow, setMode, stageOf } from '../support/crowd.ts';
import type { Show } from '../support/crowd.ts';
import type { Phone } from '../support/phone.ts';
import { figures } from '../support/run.ts';
import { judge, readLog, readState } from '../support/verdict.ts';

/** What each room went through before it fell silent: whatever happened, nothing of it may keep a room awake. */
const ROOMS = ['untouched', 'safe', 'eventual', 'reset', 'pinged'] as const;
/** A room sleeps after 10 s of silence, and has this long to fall asleep. */
const SILENCE_MS = 12_500;
const PING_EVERY_MS = 2_000;
/** The ledger's last tick comes a second after the last thing that happened. */
const LAST_TICK_MS = 1_500;

interface Sleeper {
  skuId: string;
  stage: Phone;
  phone: Phone;
}

let show: Show;
let sleepers: Sleeper[];
const sleeper = (skuId: (typeof ROOMS)[number]) => sleepers.find((room) => room.skuId === skuId)!;

beforeAll(async () => {
  show = await openShow(inject('host'), [...ROOMS]);
  sleepers = await Promise.all(
    ROOMS.map(async (skuId) => {
      const [phone] = await join(show, skuId, 1);
      return { skuId, stage: stageOf(show, skuId), phone: phone! };
    }),
  );
  for (const { stage, phone } of sleepers) {
    await stage.connect();
    await phone.connect();
  }
  await haveALife();
});

afterAll(() => {
  for (const { stage, phone } of sleepers) for (const client of [stage, phone]) client.close();
});

it('sleeps after everything that can happen in a room, keeps its sockets, and wakes as the same room', async () => {
  const before = await Promise.all(
    sleepers.map(async (room) => ({ ...room, log: await readLog(show, room.skuId) })),
  );
  const stateBefore = await readState(show, 'untouched');
  const welcomes = sleepers.map(({ stage }) => stage.welcome!);
  const pinging = setInterval(() => sleeper('pinged').phone.raw('ping'), PING_EVERY_MS);
  await pause(SILENCE_MS);
  clearInterval(pinging);
  expect(sleeper('pinged').phone.pongs, 'pings were answered').toBeGreaterThanOrEqual(4);

  const firstAnswers: string[] = [];
  const stateAfter = await readState(show, 'untouched');
  expect(timeless(stateAfter), 'the same state as before').toEqual(timeless(stateBefore));
  for (const [index, { skuId, stage, phone, log }] of before.entries()) {
    if (index > 0) {
      // Woken by the socket it kept; the first room was woken by the call for its state.
      const { ms, code } = await phone.buy();
      expect(code, 'a kept socket sells').toBeNull();
      firstAnswers.push(`${skuId} ${ms.toFixed(1)}`);
    }
    const [late] = await join(show, skuId, 1);
    const welcome = await late!.connect();
    expect(welcome.instance, `${skuId}: another instance`).not.toBe(welcomes[index]!.instance);
    expect(welcome.wakes, `${skuId}: woken once`).toBe(welcomes[index]!.wakes + 1);
    const now = await readLog(show, skuId);
    expect(now.slice(0, log.length), `${skuId}: the log of before`).toEqual(log);
    const since = now.slice(log.length).map(({ kind }) => kind);
    if (index === 0) expect([[], ['cost']], 'nothing but its price has happened').toContainEqual(since);
    await allAnswered([phone], 5_000);
    expect(
      [stage, phone].map(({ closed }) => closed),
      'nobody was cut',
    ).toEqual([null, null]);
    await judge(show, skuId, [stage, phone, late!]);
    late!.close();
  }
  figures('sleep', {
    'rooms that slept': before.length,
    'silent for ms': SILENCE_MS,
    'first answers after sleep, ms (eventual: with its race window)': firstAnswers.join(', '),
  });
});

/** Something of everything, then nothing but the ledger's last tick. */
async function haveALife(): Promise<void> {
  const { token, site } = show;
  await setMode(show, 'eventual', 'both');
  for (const skuId of ['safe', 'eventual', 'reset'] as const) await sleeper(skuId).phone.buy();
  await site.call('/demo/guardrail', { token, body: { skuId: 'safe', action: 'trip' } });
  await site.call('/demo/control', { token, body: { skuId: 'safe', step: 2 } });
  await site.call('/demo/rush', { token, body: { skuId: 'eventual', count: 1, mode: 'eventual' } });
  await site.call('/demo/reset', { token, key: crypto.randomUUID(), body: { skuId: 'reset' } });
  sleeper('safe').phone.say({ t: 'control', step: 3 });
  for (const { phone } of sleepers) phone.say({ t: 'seen', seq: phone.stream.seq });
  await pause(LAST_TICK_MS);
}

/** A state without what counts the reading of it: the ledger, and the number of the event that tells it. */
function timeless({ ledger: _ledger, seq: _seq, ...state }: RoomState) {
  return state;
}
