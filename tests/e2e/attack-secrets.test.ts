/** Secrets stay where they are: not in what browsers load, not in addresses, not in logs. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import WebSocket from 'ws';
import type { Child } from '../../scripts/lib/child.mjs';
import { parseDevVars } from '../../scripts/lib/dev-vars.mjs';
import { endGroup } from '../../scripts/lib/group.mjs';
import { freePort } from '../../scripts/lib/network.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { startServer, untilHealthy } from '../../scripts/lib/server.mjs';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { Venue } from './support/venue.ts';

const NAMES = /SESSION_SECRET|DEBUG_TOKEN|TURNSTILE_SECRET_KEY/;
const BUILT = join(ROOT, '.svelte-kit', 'cloudflare');

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('what browsers load', () => {
  const files = filesIn(join(BUILT, '_app'));

  it('names no secret and holds none of this clone', () => {
    const devVars = join(ROOT, '.dev.vars');
    const values = existsSync(devVars) ? [...parseDevVars(readFileSync(devVars, 'utf8')).values()] : [];
    expect(files.length).toBeGreaterThan(20);
    for (const path of files) {
      const text = readFileSync(path, 'latin1');
      expect(NAMES.exec(text)?.[0], path).toBeUndefined();
      for (const value of values.filter(({ length }) => length >= 16)) {
        expect(text.includes(value), path).toBe(false);
      }
    }
  });

  it('holds nothing of the server: none of its words, and no map back to its sources', () => {
    for (const path of files) {
      expect(['.map', '.ts', '.svelte', '.toml']).not.toContain(extname(path));
      const text = readFileSync(path, 'latin1');
      expect(text, path).not.toMatch(/siteverify|crypto\.subtle\.sign|x-partykit-|x-room-caller|INSERT INTO/);
      expect(text, path).not.toMatch(/sourceMappingURL=/);
    }
  });
});

describe('no address carries a secret', () => {
  it('the sign-in link keeps its token in the fragment: no request, no history, no storage has it', async () => {
    const { debugToken } = inject('host');
    const venue = await Venue.open(inject('host'));
    try {
      const seen: string[] = [];
      const bodies: string[] = [];
      const watch = (page: Page) => {
        page.on('request', (request) => {
          seen.push(request.url(), JSON.stringify(request.headers()));
          bodies.push(`${request.method()} ${new URL(request.url()).pathname} ${request.postData() ?? ''}`);
        });
        page.on('websocket', (socket) => seen.push(socket.url()));
      };
      const open = venue.page.bind(venue);
      venue.page = async (context, who) => {
        const page = await open(context, who);
        watch(page);
        return page;
      };
      const product = { name: 'Seat', capacity: 5, unitPrice: 1 };
      const presenter = await Presenter.opens(venue, debugToken, [product]);
      const phone = new Phone(await venue.page(await venue.phone(), 'phone'));
      await phone.joinsByLink(presenter.code);
      await phone.taps(1);
      const cookies = [presenter.context, phone.page.context()].map((context) => context.cookies());
      // A session is kept from scripts; a language is not, and is no secret.
      const sessions = (await Promise.all(cookies)).flat().filter(({ httpOnly }) => httpOnly);
      const tokens = sessions.map(({ value }) => value);
      expect(tokens.length).toBeGreaterThanOrEqual(2);
      const withCookie = seen.filter((text) => tokens.some((token) => text.includes(token)));
      expect(
        withCookie.filter((text) => !text.startsWith('{')),
        'addresses with a session',
      ).toEqual([]);
      expect(seen.filter((text) => text.includes(debugToken))).toEqual([]);
      const sent = bodies.filter((text) => text.includes(debugToken));
      expect(sent.length).toBe(1);
      expect(sent[0]).toMatch(/^POST \/api\/auth\/login /);
      for (const page of [presenter.control, presenter.stage, phone.page]) {
        const kept = await page.evaluate(() =>
          JSON.stringify([
            { ...localStorage },
            { ...sessionStorage },
            history.state,
            location.href,
            document.referrer,
            document.documentElement.outerHTML,
          ]),
        );
        for (const secret of [debugToken, ...tokens]) expect(kept.includes(secret)).toBe(false);
      }
      await presenter.control.goBack().catch(() => null);
      expect(presenter.control.url()).not.toContain(debugToken);
    } finally {
      await venue.close();
    }
  });
});

describe('a run with distinctive secrets', () => {
  const DEBUG = `canary-debug-${randomBytes(24).toString('hex')}`;
  const SECRET = `canary-session-${randomBytes(24).toString('hex')}`;
  const ADDRESSES = ['203.0.113.77', '2001:db8:77::77'];
  const lines: string[] = [];
  let folder = '';
  let server: Child;
  let url = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'revenue-guard-secrets-'));
    mkdirSync(join(folder, 'state'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = startServer({
      host: '127.0.0.1',
      port,
      persistTo: join(folder, 'state'),
      vars: new Map([
        ['DEBUG_TOKEN', DEBUG],
        ['SESSION_SECRET', SECRET],
      ]),
      // Everything that the Worker says, and everything that its host says of it.
      onLine: (line) => lines.push(line),
    });
    await untilHealthy(server, url);
  });
  afterAll(async () => {
    await endGroup(server.pid);
    await server.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const tokens: string[] = [];
  const ask = async (path: string, { body, token, ip = ADDRESSES[0] ?? '' }: Asked = {}) => {
    const headers = {
      'cf-connecting-ip': ip,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const text = await (await fetch(`${url}${path}`, init)).text();
    const issued = /"token":"([^"]+)"/.exec(text)?.[1];
    if (issued !== undefined) tokens.push(issued);
    return { text, issued: issued ?? '' };
  };

  it('writes none of them into a log line, nor a token, nor an address', async () => {
    const opening = { turnstileToken: DEBUG, skus: [{ id: 'seat' }] };
    const { issued: presenter, text } = await ask('/api/auth/login', { body: opening });
    const show = /"show":"([^"]+)"/.exec(text)?.[1] ?? '';
    const [, v6] = ADDRESSES;
    const joining = { body: { role: 'participant', show }, ...(v6 === undefined ? {} : { ip: v6 }) };
    const { issued: participant } = await ask('/api/auth/login', joining);
    expect(participant).not.toBe('');
    await ask('/api/auth/login', { body: { turnstileToken: `${DEBUG}x` } });
    await ask('/api/auth/login', { body: { turnstileToken: SECRET } });
    for (const token of [presenter, participant, `${participant}x`, DEBUG]) {
      await ask('/api/auth/me', { token });
      await ask('/api/auth/renew', { token, body: {} });
      await ask('/api/demo/allocate', { token, body: { skuId: 'seat', units: 1 } });
      await ask('/api/demo/allocate', { token, body: { skuId: token, units: 'x' } });
      await ask('/api/demo/reset', { token, body: {} });
      await ask('/api/demo/state?skuId=seat', { token });
    }
    const path = `${url.replace('http', 'ws')}/parties/room/${show}.seat`;
    const authorization = `Bearer ${participant}`;
    const socket = new WebSocket(path, { headers: { authorization, 'cf-connecting-ip': ADDRESSES[1] } });
    await once(socket, 'message');
    socket.send(JSON.stringify({ t: 'allocate', op: participant, epoch: 1 }));
    await once(socket, 'message');
    socket.close();
    await ask('/api/auth/logout', { token: participant, body: {} });
    await ask('/api/none');

    const heard = () => lines.join('\n');
    await expect.poll(heard, { timeout: 10_000 }).toContain('"event":"debug_login"');
    expect(tokens.length).toBeGreaterThanOrEqual(2);
    for (const secret of [DEBUG, SECRET, ...tokens, ...ADDRESSES]) {
      expect(
        lines.filter((line) => line.includes(secret)),
        `lines with ${secret.slice(0, 14)}…`,
      ).toEqual([]);
    }
    expect(heard()).not.toMatch(/Bearer /);
  });

  it('gives them to nobody: no page, no file, no answer holds them', async () => {
    const paths = ['/', '/j/ABCDEF', '/stage/ABCDEF', '/control/ABCDEF', '/none', '/api/health', '/api/none'];
    const files = filesIn(join(BUILT, '_app')).map((path) => path.slice(BUILT.length));
    for (const path of [...paths, ...files]) {
      const { text } = await ask(path);
      expect(text.includes(DEBUG) || text.includes(SECRET), path).toBe(false);
    }
  });
});

interface Asked {
  body?: object;
  token?: string;
  ip?: string;
}
