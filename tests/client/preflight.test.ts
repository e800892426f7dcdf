/** The pre-flight check: what is measured on the way to the room, and what every finding is judged to be. */
import { describe, expect, it } from 'vitest';
import type { ApiFailure } from '#lib/client/api.ts';
import { probeWakeLock } from '#lib/client/stay-awake.ts';
import type { PreflightFindings, Verdict } from '#lib/client/preflight-findings.ts';
import type { PreflightRow } from '#lib/client/preflight-rows.ts';
import { preflightGroups, preflightSummary } from '#lib/client/preflight-rows.ts';
import type { ProbeSocket } from '#lib/client/preflight-socket.ts';
import { PINGS, probeSocket } from '#lib/client/preflight-socket.ts';
import { percentile } from '#lib/domain/percentile.ts';
import { contrastOf } from '../../src/routes/control/[code]/preflight/contrast.ts';
import type { PreflightResult } from '#lib/protocol/preflight.ts';
import { FakeTime } from './support/fake-time.ts';
import { meta } from './support/mock-meta.ts';

const success = <T>(data: T) => ({ ok: true as const, data, meta: meta() });
const OFFLINE: ApiFailure = {
  ok: false,
  code: 'OFFLINE',
  message: 'No answer came.',
  retryAfterMs: null,
  status: 0,
};
const probe = (ok = true, ms = 5) => ({ ok, ms });
const SITE: PreflightResult = {
  version: '0.1.0',
  database: { read: probe(), write: probe() },
  sessions: { read: probe(), write: probe() },
  room: probe(),
  analytics: true,
  turnstile: { state: 'off', ms: null, siteKey: null },
  debugToken: true,
};
const GREETED = {
  ok: true as const,
  greetedMs: 20,
  rtts: [10, 11, 12],
  clock: { offsetMs: -300, uncertainMs: 10 },
};
const FINE: PreflightFindings = {
  health: { answer: success({ ok: true, version: '0.1.0' }), ms: 12 },
  site: success(SITE),
  socket: GREETED,
  widget: 'off',
  wakeLock: 'held',
  fullScreen: true,
  screen: { width: 1920, height: 1080, pixelRatio: 1 },
  readable: true,
  place: { host: '192.168.1.20:8787', hostname: '192.168.1.20' },
  room: { isConnected: true, words: 'connected', phones: 3 },
  remainingMs: 1_100_000,
  showLeftMs: 1_100_000,
};
const site = (change: Partial<PreflightResult>) => ({ site: success({ ...SITE, ...change }) });
const slow = (ms: number) => ({ socket: { ...GREETED, rtts: Array.from({ length: 20 }, () => ms) } });
const clock = (offsetMs: number, uncertainMs: number) => ({
  socket: { ...GREETED, clock: { offsetMs, uncertainMs } },
});
const gate = (state: PreflightResult['turnstile']['state']) =>
  site({ turnstile: { state, ms: 80, siteKey: 'key' } });

function rowOf(id: string, change: Partial<PreflightFindings> = {}): PreflightRow {
  const rows = preflightGroups({ ...FINE, ...change }).flatMap((group) => group.rows);
  const row = rows.find((candidate) => candidate.id === id);
  if (!row) throw new Error(`There is no row ${id}.`);
  return row;
}

describe('a row', () => {
  it('is green when all is well, or not there and not needed, and then asks for nothing', () => {
    const rows = preflightGroups(FINE).flatMap((group) => group.rows);
    expect(rows.length).toBeGreaterThanOrEqual(15);
    expect(rows.filter(({ verdict, fix }) => !['good', 'off'].includes(verdict) || fix !== '')).toEqual([]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(preflightSummary(preflightGroups(FINE))).toEqual({ verdict: 'good', words: 'Ready for the show' });
  });

  it.each<[string, string, Partial<PreflightFindings>, Verdict, RegExp]>([
    ['the server is silent', 'server', { health: { answer: OFFLINE, ms: 3 } }, 'bad', /started/],
    [
      'D1 cannot be written',
      'database',
      site({ database: { read: probe(), write: probe(false) } }),
      'bad',
      /binding/,
    ],
    [
      'D1 is slow',
      'database',
      site({ database: { read: probe(true, 2_000), write: probe() } }),
      'look',
      /Slower/,
    ],
    [
      'KV cannot be read',
      'sessions',
      site({ sessions: { read: probe(false), write: probe() } }),
      'bad',
      /join/,
    ],
    ['the room is silent', 'room', site({ room: probe(false) }), 'bad', /new show/],
    ['nothing was bound for traces', 'analytics', site({ analytics: false }), 'look', /TELEMETRY/],
    [
      'the secret is wrong',
      'gate',
      gate('wrong-secret'),
      'bad',
      /secret key of this very widget.*sign-in token/,
    ],
    ['siteverify is gone', 'gate', gate('unreachable'), 'bad', /without Turnstile/],
    [
      'the widget is kept out',
      'gate',
      { ...gate('ready'), widget: 'failed' },
      'bad',
      /challenges\.cloudflare\.com/,
    ],
    ['sockets are blocked', 'socket', { socket: { ok: false, reason: 'closed' } }, 'bad', /WebSockets/],
    [
      'the room is lost again',
      'socket',
      { room: { ...FINE.room, isConnected: false } },
      'look',
      /comes back/,
    ],
    ['pings are slow', 'latency', slow(400), 'look', /slow from here/],
    ['pings are very slow', 'latency', slow(1_500), 'bad', /slow from here/],
    ['nothing was pinged', 'latency', { socket: { ok: false, reason: 'x' } }, 'bad', /connection/],
    ['the clock is off', 'clock', clock(90_000, 20), 'look', /set its time/],
    ['the screen may sleep', 'awake', { wakeLock: 'missing' }, 'look', /not to sleep/],
    ['the system refuses', 'awake', { wakeLock: 'refused' }, 'look', /not to sleep/],
    ['no full screen', 'full', { fullScreen: false }, 'look', /system/],
    ['a phone', 'size', { screen: { width: 390, height: 844, pixelRatio: 3 } }, 'look', /remote/],
    ['nobody looked', 'projector', { readable: null }, 'look', /last row/],
    ['it cannot be read', 'projector', { readable: false }, 'bad', /contrast/],
    ['loopback', 'address', { place: { host: '127.0.0.1:8787', hostname: '127.0.0.1' } }, 'bad', /--host/],
    ['nobody joined', 'phones', { room: { ...FINE.room, phones: 0 } }, 'look', /scan/],
    ['little time', 'time', { remainingMs: 300_000 }, 'look', /Renew/],
    ['no time', 'time', { remainingMs: 0 }, 'bad', /Sign in/],
  ])('says what to do when %s', (_what, id, change, verdict, fix) => {
    const row = rowOf(id, change);
    expect([row.verdict, row.found.length > 0]).toEqual([verdict, true]);
    expect(row.fix).toMatch(fix);
  });

  it('tells what was measured, with how many, and how sure that is', () => {
    expect(rowOf('latency', { socket: { ...GREETED, rtts: [30, 10, 20, 40] } }).found).toBe(
      'p50 20 ms, p95 40 ms of 4 pings',
    );
    expect(rowOf('clock', clock(-300, 10)).found).toBe('0.3 s ahead of the room, give or take 10 ms');
    // What cannot be told apart from right is not called wrong.
    expect(rowOf('clock', clock(2_500, 600)).verdict).toBe('good');
    expect(rowOf('gate', { ...gate('ready'), widget: 'loaded' }).verdict).toBe('good');
    expect(rowOf('gate').verdict, 'what is not there is not good').toBe('off');
    expect(rowOf('time', { showLeftMs: 1_180_000 }).found, 'as the notes say it').toBe(
      'the show ends in 19:40, your session in 18:20',
    );
    const unknown = { room: { ...FINE.room, phones: null } };
    expect(rowOf('phones', unknown).verdict).toBe('waiting');
    expect(rowOf('phones', { ...unknown, socket: { ok: false, reason: 'x' } }).verdict).toBe('bad');
  });

  it('waits for what is not known yet, and says of what could not be asked that it could not', () => {
    const unknown = { health: null, site: null, socket: null, widget: null, wakeLock: null };
    const waiting = preflightGroups({ ...FINE, ...unknown });
    expect(preflightSummary(waiting).verdict).toBe('waiting');
    expect(waiting.flatMap(({ rows }) => rows).filter(({ verdict }) => verdict === 'waiting').length).toBe(
      10,
    );
    const limited: ApiFailure = { ...OFFLINE, code: 'RATE_LIMITED', message: 'Often.' };
    for (const id of ['database', 'sessions', 'room', 'analytics', 'gate']) {
      expect(rowOf(id, { site: OFFLINE })).toMatchObject({ verdict: 'bad', found: 'No answer came.' });
      expect(rowOf(id, { site: limited }).fix).toMatch(/Wait a minute/);
    }
  });

  it('is counted in the sentence above them all', () => {
    const summary = (change: Partial<PreflightFindings>) =>
      preflightSummary(preflightGroups({ ...FINE, ...change })).words;
    expect(summary({ readable: null })).toBe('Ready, with 1 thing to look at');
    expect(summary({ readable: null, fullScreen: false })).toBe('Ready, with 2 things to look at');
    expect(summary({ readable: false, fullScreen: false })).toBe('1 thing to fix before the show');
  });
});

describe('the way to the room', () => {
  class FakeSocket {
    readonly sent: string[] = [];
    closed = false;
    onmessage: ProbeSocket['onmessage'] = null;
    onclose: ProbeSocket['onclose'] = null;
    send(text: string): void {
      this.sent.push(text);
    }
    close(): void {
      this.closed = true;
    }
    hear(data: unknown): void {
      this.onmessage?.call(this as never, { data } as MessageEvent);
    }
    end(code: number, reason = ''): void {
      this.onclose?.call(this as never, { code, reason } as CloseEvent);
    }
  }
  function probing() {
    const time = new FakeTime();
    const socket = new FakeSocket();
    const { clock, later } = time;
    return { time, socket, found: probeSocket({ open: () => socket, clock, later }) };
  }
  const welcome = (now: number) =>
    JSON.stringify({
      t: 'welcome',
      v: 1,
      room: 'ABC234.ticket',
      you: {},
      epoch: 1,
      seq: 1,
      recovered: false,
      events: [],
      state: {},
      instance: 'i',
      wakes: 1,
      now,
    });

  it('is measured by pings one after the other, and the clock by the greeting', async () => {
    const { time, socket, found } = probing();
    time.pass(40);
    socket.hear(welcome(FakeTime.WALL + 5_020));
    for (let ping = 0; ping < PINGS; ping++) {
      expect(socket.sent).toHaveLength(ping + 1);
      time.pass(ping === 7 ? 90 : 10);
      // What else the room has to say is no answer to a ping.
      socket.hear('{"t":"frame"}');
      socket.hear('pong');
    }
    const finding = await found;
    expect(finding).toMatchObject({ ok: true, greetedMs: 40, clock: { offsetMs: 5_000, uncertainMs: 20 } });
    if (!finding.ok) return;
    expect(finding.rtts).toHaveLength(PINGS);
    expect([
      percentile(finding.rtts, 0.5),
      percentile(finding.rtts, 0.95),
      percentile(finding.rtts, 1),
    ]).toEqual([10, 10, 90]);
    expect([socket.closed, time.isBusy]).toEqual([true, false]);
  });

  it('is given up when nobody greets, or pings stay without an answer', async () => {
    const silent = probing();
    silent.time.pass(15_000);
    expect(await silent.found).toEqual({ ok: false, reason: 'the room did not greet within 15 seconds' });
    const half = probing();
    half.socket.hear(welcome(FakeTime.WALL));
    half.socket.hear('pong');
    half.time.pass(15_000);
    expect(await half.found).toEqual({
      ok: false,
      reason: `1 of ${PINGS} pings were answered within 15 seconds`,
    });
    expect([silent.socket.closed, half.socket.closed]).toEqual([true, true]);
  });

  it('says why the room closed it', async () => {
    const { socket, found } = probing();
    socket.end(4401, 'this session has expired');
    expect(await found).toEqual({ ok: false, reason: 'this session has expired' });
    const other = probing();
    other.socket.end(1006);
    expect(await other.found).toEqual({ ok: false, reason: 'it was closed with code 1006' });
  });
});

describe('the screen', () => {
  it('is asked for a wake lock, and given it back', async () => {
    let released = 0;
    const lock = { release: () => Promise.resolve(void (released += 1)) };
    const granting = { request: () => Promise.resolve(lock as never) };
    expect(await probeWakeLock({ wakeLock: granting })).toBe('held');
    expect(released).toBe(1);
    const refusing = { request: () => Promise.reject(new Error('NotAllowedError')) };
    expect(await probeWakeLock({ wakeLock: refusing })).toBe('refused');
    expect(await probeWakeLock({})).toBe('missing');
  });

  it('has its contrast measured as WCAG defines it', () => {
    expect(contrastOf('rgb(0, 0, 0)', 'rgb(255, 255, 255)')).toBeCloseTo(21, 5);
    expect(contrastOf('rgb(119, 119, 119)', 'rgb(255 255 255)')).toBeCloseTo(4.478, 3);
    expect(contrastOf('rgb(20, 23, 28)', 'rgb(20, 23, 28)')).toBe(1);
    expect(contrastOf('color(srgb 1 1 1)', 'rgb(0, 0, 0)')).toBeNull();
  });
});
