import { describe, expect, test } from 'vitest';
import type { KeeperNeeds } from '#lib/client/session-keeper.ts';
import { SessionKeeper } from '#lib/client/session-keeper.ts';
import { FakeTime } from './support/fake-time.ts';
import { meta } from './support/mock-meta.ts';

const TTL = 1_200_000;

function start(change: Partial<KeeperNeeds> = {}) {
  const time = new FakeTime();
  let renewals = 0;
  let wake = () => {};
  const keeper = new SessionKeeper({
    expiresAt: FakeTime.WALL + TTL,
    clockOffsetMs: () => FakeTime.WALL,
    isAutomatic: true,
    renew: () => {
      renewals += 1;
      return Promise.resolve({ ok: true, data: { expiresAt: time.clock.wall() + TTL }, meta: meta() });
    },
    clock: time.clock,
    later: time.later,
    isVisible: () => true,
    onWake: (back) => {
      wake = back;
      return () => {};
    },
    ...change,
  });
  return { keeper, time, renewals: () => renewals, wake: () => wake() };
}

/** Lets answered promises be heard. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a participant's session", () => {
  test('is renewed when three quarters of its life are over, while the page is seen', async () => {
    const { keeper, time, renewals } = start();
    time.pass(0.75 * TTL - 1_000);
    expect(renewals()).toBe(0);
    time.pass(1_000);
    await settle();
    expect(renewals()).toBe(1);
    expect(keeper.view.remainingMs).toBe(TTL);
  });

  test('is left alone while nobody looks, and renewed at once when somebody does', async () => {
    let isVisible = false;
    const { time, renewals, wake } = start({ isVisible: () => isVisible });
    time.pass(TTL - 10_000);
    expect(renewals()).toBe(0);
    isVisible = true;
    wake();
    await settle();
    expect(renewals()).toBe(1);
  });

  test('that could not be renewed is tried again, not hammered', async () => {
    let tries = 0;
    const { keeper, time } = start({
      renew: () => {
        tries += 1;
        return Promise.resolve({
          ok: false,
          code: 'OFFLINE',
          message: 'No.',
          retryAfterMs: null,
          status: 0,
        });
      },
    });
    time.pass(0.75 * TTL);
    await settle();
    expect(keeper.view.problem?.code).toBe('OFFLINE');
    time.pass(14_000);
    await settle();
    expect(tries).toBe(1);
    time.pass(2_000);
    await settle();
    expect(tries).toBe(2);
  });

  test('that is over is over, and never below zero', () => {
    const { keeper, time, renewals } = start({ isVisible: () => false });
    time.pass(TTL + 60_000);
    expect(keeper.view.remainingMs).toBe(0);
    expect(renewals()).toBe(0);
  });
});

test("a presenter's session is renewed by hand only", async () => {
  const { keeper, time, renewals } = start({ isAutomatic: false });
  time.pass(TTL - 60_000);
  expect(renewals()).toBe(0);
  await keeper.renew();
  expect(renewals()).toBe(1);
  expect(keeper.view.remainingMs).toBe(TTL);
});

test('a device whose clock is wrong counts by the clock of the server', () => {
  const { keeper } = start({
    expiresAt: FakeTime.WALL + 3_600_000 + TTL,
    clockOffsetMs: () => FakeTime.WALL + 3_600_000,
  });
  expect(keeper.view.remainingMs).toBe(TTL);
});

test('a keeper that is closed leaves nothing running', () => {
  const { keeper, time } = start();
  keeper.close();
  expect(time.isBusy).toBe(false);
});

test.each([3_600_000, -3_600_000])(
  'a minute of session is renewed in time when the device’s clock is set by %i ms meanwhile, and the presenter’s shows it right',
  async (stepMs) => {
    const expiresAt = FakeTime.WALL + 60_000;
    const phone = start({ expiresAt });
    const presenter = start({ expiresAt, isAutomatic: false });
    for (const { time } of [phone, presenter]) {
      time.pass(20_000);
      time.stepWall(stepMs);
      time.pass(26_000);
    }
    await settle();
    expect(phone.renewals()).toBe(1);
    expect(presenter.keeper.view.remainingMs).toBe(14_000);
  },
);

test('a device that slept without counting is set right by what the room says', () => {
  let offset = FakeTime.WALL;
  const { keeper, time } = start({ isAutomatic: false, clockOffsetMs: () => offset });
  offset += 600_000;
  time.pass(1_000);
  expect(keeper.view.remainingMs).toBe(TTL - 601_000);
});
