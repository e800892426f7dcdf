/** `npm start -- --tunnel`: a public address by a program that stands in for cloudflared. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TunnelNews } from '../../scripts/host/tunnel.mjs';
import type { Child } from '../../scripts/lib/child.mjs';
import { startChild } from '../../scripts/lib/child.mjs';
import { findCloudflared, installCommand } from '../../scripts/lib/cloudflared.mjs';
import { endGroup } from '../../scripts/lib/group.mjs';
import { packagesInstalled } from '../../scripts/lib/install.mjs';
import { freePort } from '../../scripts/lib/network.mjs';
import { identityOf } from '../../scripts/lib/processes.mjs';
import { Stop } from '../../scripts/lib/stop.mjs';
import type { Running } from './support/processes.ts';
import { printed, startNode } from './support/processes.ts';
import { placeStandIn, processOf, STAND_IN_ADDRESS } from './support/tunnel.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const KEEPER = fileURLToPath(new URL('./support/tunnel-keeper.ts', import.meta.url));
const WITHIN_MS = 15_000;
/** It may have to build the pages first. */
const READY_MS = 120_000;
const TIMEOUT_MS = 180_000;

let folder = '';
let program = '';
let ends: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunnel-'));
  program = placeStandIn(join(folder, 'bin'));
});
afterEach(async () => {
  for (const end of ends) await end();
  ends = [];
  rmSync(folder, { recursive: true, force: true });
});

describe('a tunnel', () => {
  /** Keeps one; `next` is the first news that was not asked for yet. */
  function keep(does: string, { path = program, tellsWithinMs = WITHIN_MS } = {}) {
    const news: TunnelNews[] = [];
    const env = { ...process.env, CLOUDFLARED_IS: does };
    const onLine = (line: string) => void news.push(JSON.parse(line) as TunnelNews);
    const child: Child = startChild(process.execPath, [KEEPER, path, String(tellsWithinMs)], { env, onLine });
    ends.push(() => endGroup(child.pid));
    const next = () => vi.waitUntil(() => news.shift(), { timeout: WITHIN_MS, interval: 10 });
    return { child, next };
  }

  it('tells its address once it is connected, and ends with the process that keeps it', async () => {
    const { child, next } = keep('well');
    const { address } = await next();
    expect(address).toMatch(STAND_IN_ADDRESS);
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
    expect(identityOf(processOf(address ?? ''))).toBeUndefined();
  });

  it('that ends is made again, at another address', async () => {
    const { next } = keep('well');
    const first = await next();
    process.kill(processOf(first.address ?? ''), 'SIGKILL');
    expect(await next()).toEqual({ address: null, reason: 'cloudflared ended (by a signal).' });
    const second = await next();
    expect(second.address).toMatch(STAND_IN_ADDRESS);
    expect(second.address).not.toBe(first.address);
  });

  it('that loses its connection is said to be down, and keeps its address when it is back', async () => {
    const { next } = keep('well');
    const first = await next();
    process.kill(processOf(first.address ?? ''), 'SIGUSR1');
    expect(await next()).toMatchObject({ address: null, reason: expect.stringContaining('Retrying') });
    process.kill(processOf(first.address ?? ''), 'SIGUSR2');
    expect(await next()).toEqual(first);
  });

  it('that is gone at the other end is made anew at once', async () => {
    const { next } = keep('well');
    const first = await next();
    process.kill(processOf(first.address ?? ''), 'SIGHUP');
    expect(await next()).toMatchObject({
      address: null,
      reason: expect.stringContaining('Tunnel not found'),
    });
    expect((await next()).address).not.toBe(first.address);
  });

  it('whose program never tells an address is given up after its time, and tried again', async () => {
    const { next } = keep('silent', { tellsWithinMs: 3_000 });
    expect(await next()).toEqual({
      address: null,
      reason: 'cloudflared told no address within 3 seconds.',
    });
    placeStandIn(join(folder, 'bin'), 'well');
    expect((await next()).address).toMatch(STAND_IN_ADDRESS);
  });

  it('whose program never says that it is connected gets its address when the time is over', async () => {
    const { next } = keep('wordless', { tellsWithinMs: 3_000 });
    expect((await next()).address).toMatch(STAND_IN_ADDRESS);
  });

  it('whose program fails at once says its last words, and is tried again', async () => {
    const { next } = keep('failing');
    expect(await next()).toEqual({
      address: null,
      reason: expect.stringMatching(/^failed to request quick Tunnel: .*no such host$/),
    });
    placeStandIn(join(folder, 'bin'), 'well');
    expect((await next()).address).toMatch(STAND_IN_ADDRESS);
  });

  it('whose program cannot be run says why', async () => {
    const { next } = keep('well', { path: join(folder, 'nothing') });
    expect(await next()).toMatchObject({ address: null, reason: expect.stringContaining('ENOENT') });
  });
});

describe('the program', () => {
  it('is found on PATH', () => {
    expect(findCloudflared([join(folder, 'none'), join(folder, 'bin')].join(delimiter))).toBe(program);
  });

  it('that is missing stops the start with the command that installs it', () => {
    expect(() => findCloudflared(folder)).toThrow(Stop);
    expect(() => findCloudflared(folder)).toThrow(installCommand());
  });

  it.each([
    ['darwin', 'arm64', 'brew install cloudflared'],
    ['win32', 'x64', 'winget install --id Cloudflare.cloudflared'],
    ['linux', 'x64', 'cloudflared-linux-amd64 '],
    ['linux', 'arm64', 'cloudflared-linux-arm64 '],
  ])('is installed on %s, %s by %s', (platform, arch, command) => {
    expect(installCommand(platform, arch)).toContain(command);
  });
});

describe('npm start -- --tunnel', () => {
  function start(port: number, env: NodeJS.ProcessEnv = {}): Running {
    // A start that installs would pull the packages from under the tests that are running.
    expect(packagesInstalled()).toBe(true);
    const path = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
    const options = [
      '--tunnel',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--persist-to',
      join(folder, 'shows'),
    ];
    const command = startNode([START, ...options], undefined, { ...process.env, PATH: path, ...env });
    ends.push(async () => {
      command.process.kill('SIGTERM');
      await command.exit;
    });
    return command;
  }

  it(
    'prints the address, serves it as an https site of its own, prints the next one, and ends its tunnel however it ends',
    async () => {
      const port = await freePort();
      const command = start(port);
      const [, first = ''] = await printed(command, /From anywhere +(https:\S+)/, READY_MS);
      await printed(command, /On this machine +http:\S+\n {2}From anywhere/, WITHIN_MS);
      const [, link = ''] = await printed(command, /From another device:\n +(https:\S+)/, WITHIN_MS);
      expect(link.startsWith(`${first}/#signin=`)).toBe(true);
      expect(await publicAddress(port)).toBe(first);

      const visit = { port, site: first, token: decodeURIComponent(link.split('#signin=')[1] ?? '') };
      const { status, cookie } = await signIn({ ...visit, origin: first });
      expect(status).toBe(200);
      expect(cookie).toMatch(/^__Host-rgl_presenter=.*; Secure$/);
      expect((await signIn({ ...visit, origin: 'https://evil.example' })).status).toBe(403);

      process.kill(processOf(first), 'SIGKILL');
      const [, second = ''] = await printed(command, /public address is now (https:\S+)/, WITHIN_MS);
      expect(second).not.toBe(first);
      expect(await publicAddress(port)).toBe(second);
      expect(command.output()).toContain(`${second}/#signin=`);
      expect((await signIn({ ...visit, site: second, origin: second })).status).toBe(200);

      command.process.kill('SIGKILL');
      await vi.waitFor(() => expect(identityOf(processOf(second))).toBeUndefined(), WITHIN_MS);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on without an address when there is none yet, says why, and ends with its server',
    async () => {
      const port = await freePort();
      const command = start(port, { CLOUDFLARED_IS: 'failing' });
      await printed(command, /no public address now, .*no such host/, READY_MS);
      await printed(command, /#signin=/, WITHIN_MS);
      expect(await publicAddress(port)).toBeNull();
      command.process.kill('SIGTERM');
      expect(await command.exit).toBe(0);
    },
    TIMEOUT_MS,
  );

  it('stops before anything else without the program', async () => {
    const command = start(1, { PATH: folder });
    expect(await command.exit).toBe(1);
    expect(command.output()).toContain(installCommand());
  });
});

async function publicAddress(port: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/health`);
  const { data } = (await answer.json()) as { data: { publicAddress?: unknown } };
  return data.publicAddress;
}

/** Signs in as cloudflared brings a visitor: its own connection, the visitor's host, and what the edge says of the visitor. */
async function signIn(visit: { port: number; site: string; origin: string; token: string }) {
  return new Promise<{ status: number; cookie: string }>((resolve, reject) => {
    const headers = {
      host: new URL(visit.site).host,
      'x-forwarded-proto': 'https',
      'cf-connecting-ip': '203.0.113.9',
      origin: visit.origin,
      'content-type': 'application/json',
    };
    const place = { host: '127.0.0.1', port: visit.port, path: '/api/auth/login', method: 'POST', headers };
    const call = request(place, (answer) => {
      answer.resume();
      const [cookie = ''] = answer.headers['set-cookie'] ?? [];
      resolve({ status: answer.statusCode ?? 0, cookie });
    });
    call.on('error', reject);
    call.end(
      JSON.stringify({
        role: 'presenter',
        turnstileToken: visit.token,
        skus: [{ id: 'seats', name: 'Seats', capacity: 5, unitPrice: 10 }],
      }),
    );
  });
}
