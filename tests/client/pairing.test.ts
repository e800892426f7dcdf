/** Pairing in the browser: the address that loses its secret at once, the device that scanned, and the panel that shows. */
import { describe, expect, it, vi } from 'vitest';
import type { ApiFailure, FailureCode } from '#lib/client/api.ts';
import type { PresenterApi } from '#lib/client/presenter-api.ts';
import { createPresenterApi } from '#lib/client/presenter-api.ts';
import { PairingController } from '#lib/client/pairing-controller.ts';
import { PairingEntry } from '#lib/client/pairing-entry.ts';
import type { PairingPhase } from '#lib/client/pairing-entry.ts';
import { isOwnMachine, pairingUrl, takePairingSecret } from '#lib/client/secret-links.ts';
import { FakeTime } from './support/fake-time.ts';
import { fakeFetch, meta } from './support/mock-meta.ts';

const SECRET = `${'i'.repeat(22)}.${'s'.repeat(32)}`;
const success = <T>(data: T) => ({ ok: true as const, data, meta: meta() });
const failure = (code: FailureCode, message: string = code): ApiFailure => ({
  ok: false,
  code,
  message,
  retryAfterMs: null,
  status: 403,
});

describe('the address', () => {
  it('keeps the secret behind #, and loses it at the first look', () => {
    const url = new URL(pairingUrl('http://192.168.1.20:8787', 'ABC234', SECRET, 'de'));
    expect([url.pathname, url.search]).toEqual(['/control/ABC234', '?lang=de']);
    const replaceState = vi.fn();
    const past = { state: { kept: true }, replaceState };
    expect(takePairingSecret(url, past)).toBe(SECRET);
    expect(replaceState).toHaveBeenCalledExactlyOnceWith({ kept: true }, '', '/control/ABC234?lang=de');
  });

  it('is left alone when it holds none', () => {
    const replaceState = vi.fn();
    for (const hash of ['', '#', '#signin=x']) {
      const place = { hash, pathname: '/control/ABC234', search: '' };
      expect(takePairingSecret(place, { state: null, replaceState })).toBeNull();
    }
    expect(replaceState).not.toHaveBeenCalled();
  });

  it('is known to lead nowhere when it is this machine’s own', () => {
    for (const host of ['localhost', 'demo.localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
      expect([host, isOwnMachine(host)]).toEqual([host, true]);
    }
    for (const host of [
      '192.168.1.20',
      'demo.example',
      '127.0.0.1.example',
      'localhost.example',
      '10.0.0.1',
    ]) {
      expect([host, isOwnMachine(host)]).toEqual([host, false]);
    }
  });
});

describe('a device that scanned', () => {
  const login = {
    token: 't',
    sessionId: 's2',
    role: 'presenter' as const,
    show: 'ABC234',
    label: 'presenter-2',
    skus: [{ id: 'ticket', name: 'Ticket', capacity: 100, unitPrice: 150 }],
    expiresAt: FakeTime.WALL + 1_200_000,
  };
  const mine = (show: string) => success({ ...login, show, stored: null });

  function scan(
    calls: { me: unknown[]; redeem: unknown[] },
    secret: string | null = SECRET,
    show: string | null = 'ABC234',
  ) {
    const redeemPairing = vi.fn(() => Promise.resolve(calls.redeem.shift() as never));
    const signedIn = vi.fn();
    const kept = new Map<string, string>();
    const api: PresenterApi = {
      ...createPresenterApi(fakeFetch([]).fetcher),
      me: () => Promise.resolve(calls.me.shift() as never),
      redeemPairing,
    };
    const secrets = [secret];
    const entry = new PairingEntry({
      api,
      show,
      mayPresent: () => calls.me.length > 0,
      takeSecret: () => secrets.shift() ?? null,
      onSignedIn: signedIn,
      store: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      },
    });
    return { entry, redeemPairing, signedIn, kept, secrets };
  }
  const until = (entry: PairingEntry, kind: PairingPhase['kind']) =>
    expect.poll(() => entry.phase.kind).toBe(kind);

  it('exchanges the secret once, and remembers what the show sells', async () => {
    const { entry, redeemPairing, signedIn, kept } = scan({
      me: [failure('UNAUTHORIZED')],
      redeem: [success(login)],
    });
    expect(entry.phase.kind).toBe('exchanging');
    await until(entry, 'none');
    expect(redeemPairing).toHaveBeenCalledExactlyOnceWith('ABC234', SECRET);
    expect(signedIn).toHaveBeenCalledExactlyOnceWith('ABC234');
    expect([...kept.values()].join()).toContain('"ticket"');
    expect([...kept.entries()].flat().join()).not.toContain('sssss');
    await entry.begin();
    expect(redeemPairing).toHaveBeenCalledOnce();
  });

  it('asks after no session where this browser has presented nothing', async () => {
    const { entry, redeemPairing } = scan({ me: [], redeem: [success(login)] });
    await until(entry, 'none');
    expect(redeemPairing).toHaveBeenCalledOnce();
  });

  it('does nothing where the address brings no secret, or names no show', async () => {
    for (const [secret, show] of [
      [null, 'ABC234'],
      [SECRET, null],
    ] as const) {
      const { entry, redeemPairing } = scan({ me: [], redeem: [] }, secret, show);
      await entry.begin();
      expect(entry.phase.kind).toBe('none');
      expect(redeemPairing).not.toHaveBeenCalled();
    }
  });

  it('that presents this show already spends nothing', async () => {
    const { entry, redeemPairing } = scan({ me: [mine('ABC234')], redeem: [] });
    await until(entry, 'none');
    expect(redeemPairing).not.toHaveBeenCalled();
  });

  it('that presents another show is asked before it loses that session', async () => {
    const { entry, redeemPairing } = scan({ me: [mine('XYZ789')], redeem: [success(login)] });
    await until(entry, 'other');
    expect(entry.phase).toEqual({ kind: 'other', show: 'XYZ789' });
    expect(redeemPairing).not.toHaveBeenCalled();
    await entry.replace();
    expect([entry.phase.kind, redeemPairing.mock.calls.length]).toEqual(['none', 1]);
  });

  it('is told why in the server’s words, and cannot try a code that was looked at again', async () => {
    const { entry, redeemPairing } = scan({
      me: [failure('UNAUTHORIZED')],
      redeem: [failure('INVALID_TOKEN', 'This code has been used.')],
    });
    await until(entry, 'refused');
    expect(entry.phase).toEqual({ kind: 'refused', sentence: 'This code has been used.', canRetry: false });
    await entry.begin();
    expect(redeemPairing).toHaveBeenCalledOnce();
  });

  it('tries again after a network that was gone', async () => {
    const { entry, signedIn } = scan({
      me: [failure('OFFLINE'), failure('UNAUTHORIZED'), failure('UNAUTHORIZED')],
      redeem: [failure('OFFLINE'), success(login)],
    });
    await until(entry, 'refused');
    expect(entry.phase).toMatchObject({ canRetry: true });
    await entry.begin();
    expect(entry.phase).toMatchObject({ kind: 'refused', canRetry: true });
    await entry.begin();
    expect([entry.phase.kind, signedIn.mock.calls.length]).toEqual(['none', 1]);
  });
});

describe('the panel', () => {
  const device = { label: 'presenter-2', at: FakeTime.WALL + 5_000 };
  const TTL = 120_000;

  function panel() {
    const time = new FakeTime();
    const offer = { secret: SECRET, show: 'ABC234', expiresAt: FakeTime.WALL + TTL };
    const calls = {
      offer: success(offer) as ReturnType<typeof success<typeof offer>> | ApiFailure,
      status: success<{ openUntil: number | null; devices: { label: string; at: number }[] }>({
        openUntil: offer.expiresAt,
        devices: [],
      }),
    };
    const api = {
      offerPairing: vi.fn(() => Promise.resolve(calls.offer)),
      withdrawPairing: vi.fn(() => Promise.resolve(success({ withdrawn: true as const }))),
      pairingStatus: vi.fn(() => Promise.resolve(calls.status)),
    };
    const controller = new PairingController(api, time);
    return { time, controller, api, calls };
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('shows a code with the time that it has left', async () => {
    const { controller, time } = panel();
    await controller.ask();
    expect(controller.view.phase).toEqual({ kind: 'showing', secret: SECRET, remainingMs: TTL });
    time.pass(31_000);
    expect(controller.view.phase).toMatchObject({ kind: 'showing', remainingMs: TTL - 31_000 });
  });

  it('says which device signed in, as soon as it looks', async () => {
    const { controller, calls } = panel();
    await controller.ask();
    await controller.look();
    expect(controller.view.phase.kind).toBe('showing');
    calls.status = success({ openUntil: null, devices: [device] });
    await controller.look();
    expect(controller.view).toEqual({ phase: { kind: 'signedIn', ...device }, devices: [device] });
  });

  it('looks by itself every ten seconds while a code waits, and never when none does', async () => {
    const { controller, api, time } = panel();
    time.pass(60_000);
    expect(api.pairingStatus).not.toHaveBeenCalled();
    await controller.ask();
    time.pass(35_000);
    expect(api.pairingStatus).toHaveBeenCalledTimes(3);
    await controller.withdraw();
    expect(time.isBusy).toBe(false);
  });

  it('does not take an earlier device for the one that was to come', async () => {
    const { controller, calls } = panel();
    calls.status = success({ openUntil: null, devices: [device] });
    await controller.look();
    await controller.ask();
    await controller.look();
    expect(controller.view.phase.kind).toBe('late');
  });

  it('takes the code off the screen when its time is over, also when the server cannot be asked', async () => {
    const { controller, api, time } = panel();
    await controller.ask();
    api.pairingStatus.mockResolvedValue(failure('OFFLINE') as never);
    time.pass(TTL);
    await settle();
    time.pass(3_000);
    expect(controller.view.phase).toEqual({ kind: 'late' });
    expect(time.isBusy).toBe(false);
  });

  it('tells of a device that scanned in the last second', async () => {
    const { controller, calls, time } = panel();
    await controller.ask();
    calls.status = success({ openUntil: null, devices: [device] });
    time.pass(TTL);
    await settle();
    time.pass(10_000);
    expect(controller.view.phase).toEqual({ kind: 'signedIn', ...device });
  });

  it('says why there is no code', async () => {
    const { controller, calls } = panel();
    calls.offer = failure('RATE_LIMITED', 'Wait.');
    await controller.ask();
    expect(controller.view.phase).toEqual({ kind: 'failed', sentence: 'Wait.' });
  });

  it('takes a code back that nobody looks at any more, also one that comes when the screen is gone', async () => {
    const shown = panel();
    await shown.controller.ask();
    shown.controller.close();
    expect(shown.api.withdrawPairing).toHaveBeenCalledOnce();
    expect(shown.time.isBusy).toBe(false);
    const late = panel();
    const asked = late.controller.ask();
    late.controller.close();
    await asked;
    expect(late.api.withdrawPairing).toHaveBeenCalledOnce();
    expect(late.controller.view.phase.kind).toBe('asking');
  });
});
