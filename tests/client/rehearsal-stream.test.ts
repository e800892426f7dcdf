/** What screens of a rehearsal hear: the stream of the contract, its resets, its drills, and its end. */
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { Host } from '#lib/rehearsal/host.ts';
import type { HostLine } from '#lib/rehearsal/host.ts';
import { browserPace } from '#lib/rehearsal/pace.ts';
import { Screen } from '#lib/rehearsal/screen.ts';
import type { Keep, ScreenLine } from '#lib/rehearsal/screen.ts';
import { begin, eventsOf, call, play, room, SKU, TestScreen } from './support/rehearsal.ts';

const KEY = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
const ANOTHER = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

// Whole shows are played here, and the machine may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

describe('the stream', () => {
  it('has no gap for a stage, and says to a phone how much it leaves out', () => {
    const show = begin();
    const [stage, phone] = [new TestScreen(show, 'presenter'), new TestScreen(show, 'participant')];
    play(show, 'both', { shoppers: 60, seconds: 10 });
    expect(stage.stream.gaps).toEqual([]);
    expect(phone.stream.gaps).toEqual([]);
    expect(stage.stream.events.map(({ seq }) => seq)).toEqual(
      eventsOf(show)
        .slice(1)
        .map(({ seq }) => seq),
    );
    expect(phone.of('frame').every(({ events }) => events.length <= 16)).toBe(true);
    expect(phone.of('frame').some(({ omitted }) => omitted > 0)).toBe(true);
    expect(phone.state).toEqual(stage.state);
  });

  it('tells once a minute what phones say that their taps took', () => {
    const show = begin();
    const [stage, phone] = [new TestScreen(show, 'presenter'), new TestScreen(show, 'participant')];
    const op = phone.tap();
    show.schedule.advance(show.schedule.nowMs + 1_000);
    phone.say({ t: 'seen', seq: phone.state.seq, rtt: { op, lanes: { safe: 250 } } });
    const told = () => stage.stream.events.filter(({ kind }) => kind === 'latency').map(({ body }) => body);
    const before = told();
    for (let tap = 0; tap < 3; tap++) {
      show.schedule.advance(show.schedule.nowMs + 25_000);
      phone.tap();
    }
    show.schedule.advance(show.schedule.nowMs + 2_000);
    expect(told().slice(before.length)).toMatchObject([{ lanes: { safe: { n: 1 } }, phones: 1 }]);
  });

  it('limits a thumb to two hundred taps, and gives tokens back with time', () => {
    const show = begin({ skus: [{ ...SKU, capacity: 1_000 }] });
    const phone = new TestScreen(show, 'participant');
    for (let tap = 0; tap < 203; tap += 1) phone.tap();
    expect(phone.of('ack')).toHaveLength(200);
    expect(phone.of('nack').map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => 'RATE_LIMITED'));
    show.schedule.advance(phone.of('nack')[0]!.retryAfterMs!);
    phone.tap();
    expect(phone.of('ack')).toHaveLength(201);
  });
});

describe('the audit on the stage', () => {
  it('follows what happens, holds, and is told to whoever comes later', () => {
    const show = begin();
    const stage = new TestScreen(show, 'presenter');
    play(show, 'both', { shoppers: 30, seconds: 6 });
    const reports = stage.of('audit');
    expect(reports.length).toBeGreaterThan(3);
    expect(reports.flatMap(({ checks }) => checks.filter(({ ok }) => !ok))).toEqual([]);
    expect(reports.at(-1)).toMatchObject({
      seq: room(show).core.memory.facts.seq,
      settled: true,
      inFlight: 0,
    });
    expect(new TestScreen(show, 'presenter').of('audit')).toEqual([reports.at(-1)]);
    expect(new TestScreen(show, 'participant').of('audit')).toEqual([]);
  });
});

describe('a reset', () => {
  it('comes once a minute, and once for each key, over all products', () => {
    const show = begin({ skus: [SKU, { ...SKU, id: 'seat' }] });
    const presenter = show.join('presenter');
    const reset = (key: string) => call(show, presenter, 'POST', '/demo/reset', {}, key).json;
    expect(reset(KEY).data).toEqual({ epochs: { ticket: 2, seat: 2 } });
    expect(reset(KEY).data).toEqual({ epochs: { ticket: 2, seat: 2 } });
    const refused = reset(ANOTHER).error;
    expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
    show.schedule.advance(show.schedule.nowMs + refused!.retryAfterMs!);
    expect(reset(ANOTHER).data).toEqual({ epochs: { ticket: 3, seat: 3 } });
  });
});

describe('the end', () => {
  it('is told to everybody, and nothing is sold after it', () => {
    const show = begin();
    const phone = new TestScreen(show, 'participant');
    call(show, show.join('presenter'), 'POST', '/auth/logout', {});
    expect(phone.hungUp?.code).toBe(CLOSE.ended);
    expect(eventsOf(show).at(-1)).toMatchObject({ kind: 'closed', body: { by: 'presenter' } });
    const { token: owner, label, role } = phone.session;
    const request = { op: KEY, owner, label, role, units: 1, epoch: 1, mode: null, sim: false };
    let code: string | null = null;
    room(show).buy(request, (answer) => (code = answer.kind === 'nack' ? answer.refusal.code : 'bought'));
    expect(code).toBe('SHOW_ENDED');
    expect(new TestScreen(show, 'participant').hungUp?.code).toBe(CLOSE.ended);
  });

  it('comes by itself after a working day, unless somebody renews', () => {
    const show = begin();
    show.schedule.advance(7 * 3_600_000);
    show.renew('presenter');
    show.schedule.advance(9 * 3_600_000);
    expect(room(show).core.memory.facts.closed).toBe(null);
    show.schedule.advance(15 * 3_600_000);
    expect(room(show).core.memory.facts.closed).toBe('expiry');
    expect(room(show).audit().ok).toBe(true);
  });
});

describe('screens of one browser', () => {
  const memory = (): Keep => {
    const kept = new Map<string, string>();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  };
  const screenOf = (host: Host, keep: Keep, step = 1): Screen => {
    const { port1, port2 } = new MessageChannel();
    host.serve(port1 as unknown as HostLine);
    onTestFinished(() => port1.close());
    const beginning = { show: 'REHEAR', skus: [SKU], mode: 'safe' as const, step, seed: 7 };
    const line = port2 as unknown as ScreenLine;
    return new Screen({ line, beginning, keep, pace: browserPace, random: () => 0 });
  };
  const login = (screen: Screen, role: string) =>
    screen.fetcher(role)('/api/auth/login', { method: 'POST', body: JSON.stringify({ role }) });

  it('are in one show, which stands where the first of them began it', async () => {
    const host = new Host(browserPace, () => Date.now());
    const [stage, control] = [screenOf(host, memory(), 3), screenOf(host, memory(), 1)];
    expect(await control.began).toMatchObject({ step: 3 });
    await login(control, 'presenter');
    const body = JSON.stringify({ skuId: 'ticket', step: 5 });
    await control.fetcher('presenter')('/api/demo/control', { method: 'POST', body });
    await login(stage, 'presenter');
    const state = await stage.fetcher('presenter')('/api/demo/state?skuId=ticket');
    expect(((await state.json()) as { data: { step: number } }).data.step).toBe(5);
    stage.close();
    control.close();
  });

  it('come back after a drill with what they missed, and say how long it took', async () => {
    const host = new Host(browserPace, () => Date.now());
    const screen = screenOf(host, memory());
    await login(screen, 'presenter');
    const wire = screen.connect('ticket', 'presenter')(() => ({ epoch: 1, since: 1 }));
    const statuses: string[] = [];
    wire.onMessage(() => undefined);
    const back = new Promise<number>((resolve) =>
      wire.onStatus((status) => {
        statuses.push(status.kind);
        if (status.kind === 'open' && !status.after) wire.send({ t: 'drill', kind: 'drop' });
        if (status.kind === 'open' && status.after) resolve(status.after.code);
      }),
    );
    expect(await back).toBe(CLOSE.comeBack);
    expect(statuses).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open']);
    wire.close();
    screen.close();
  });

  it('are told when the rehearsal that they were in has ended and this is another one', async () => {
    const keep = memory();
    const first = screenOf(new Host(browserPace, () => 1), keep);
    await first.began;
    expect(first.isAnew).toBe(false);
    const again = screenOf(new Host(browserPace, () => 2), keep);
    await again.began;
    expect(again.isAnew).toBe(true);
    first.close();
    again.close();
  });

  it('hold a room in which a stranger without a session hears nothing', async () => {
    const screen = screenOf(new Host(browserPace, () => Date.now()), memory());
    await screen.began;
    const wire = screen.connect('ticket', 'presenter')(() => null);
    const code = new Promise((resolve) =>
      wire.onStatus((status) => status.kind === 'closed' && resolve(status.code)),
    );
    expect(await code).toBe(CLOSE.unauthorized);
    screen.close();
  });
});
