/** Requests that are none: what they are answered, and that the presenter's terminal stays readable. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../scripts/lib/child.mjs';
import { endGroup } from '../../scripts/lib/group.mjs';
import { startServer, untilHealthy } from '../../scripts/lib/server.mjs';
import { freePort } from '../../scripts/lib/network.mjs';

let folder = '';
let port = 0;
let server: Child;
const lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revenue-guard-noise-'));
  port = await freePort();
  const vars = new Map([
    ['SESSION_SECRET', 's'.repeat(48)],
    ['DEBUG_TOKEN', 'd'.repeat(48)],
  ]);
  server = startServer({
    host: '127.0.0.1',
    port,
    persistTo: folder,
    vars,
    onLine: (line) => lines.push(line),
  });
  await untilHealthy(server, `http://127.0.0.1:${port}`);
});
afterAll(async () => {
  await endGroup(server.pid);
  rmSync(folder, { recursive: true, force: true });
});

/** Sends bytes as they are written; resolves with all that came back, and at once when it goes away before an answer. */
async function send(text: string, goesAway = false): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (data) => (answer += String(data)));
  socket.on('error', () => undefined);
  socket.write(text);
  if (goesAway) {
    // What was sent has arrived when another request that was sent after it is answered.
    await fetch(`http://127.0.0.1:${port}/api/health`);
    socket.resetAndDestroy();
  } else {
    await once(socket, 'close');
  }
  return answer;
}

const asked = (path: string, ...hosts: string[]) =>
  send(
    `GET ${path} HTTP/1.1\r\n${hosts.map((host) => `Host: ${host}\r\n`).join('')}Connection: close\r\n\r\n`,
  );

/** Lines that were written since, once the server has had its turn. */
async function written(since: number): Promise<string[]> {
  await fetch(`http://127.0.0.1:${port}/api/health`);
  return lines.slice(since);
}

describe('a request without one host', () => {
  it.each([
    ['two of them', ['localhost', 'localhost']],
    ['two that differ', ['localhost', 'evil.example']],
    ['spaces', ['a b']],
    ['two in one', ['a,b']],
    ['a port that there cannot be', ['localhost:99999']],
    ['half an address', ['[::1']],
    ['a percent sign', ['%']],
    ['somebody’s name', ['a@b']],
    ['a path', ['localhost/api']],
    ['a question', ['localhost?x']],
    ['a fragment', ['localhost#x']],
  ])('is refused in the envelope, and says nothing to the terminal: %s', async (_what, hosts) => {
    const since = lines.length;
    for (const path of ['/api/health', '/', '/favicon.svg', '/parties/room/x']) {
      const answer = await asked(path, ...hosts);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('INVALID_REQUEST');
      expect(answer).toContain('"success":false');
      expect(answer).toContain('x-content-type-options: nosniff');
      expect(answer).not.toMatch(/\bat .*\.js/);
    }
    expect(await written(since)).toEqual([]);
  });

  it('is refused likewise when it asks for no path', async () => {
    const since = lines.length;
    const answer = await send('OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*INVALID_REQUEST/);
    expect(await written(since)).toEqual([]);
  });
});

describe('the terminal', () => {
  it('says nothing of what strangers asked for and did not get', async () => {
    const since = lines.length;
    for (const path of ['/no/such/page', `/${'x'.repeat(4_000)}`, '/%E0', '/api/none', '/%1b[2J']) {
      expect(await asked(path, 'localhost')).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    const form = 'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    expect(await send(form)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await written(since)).toEqual([]);
  });

  it('says nothing of an upload that broke off', async () => {
    const since = lines.length;
    const head = 'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    for (let turn = 0; turn < 10; turn++) {
      await send(`${head}Content-Length: 900\r\n\r\n{"a":`, true);
      await send(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n`, true);
    }
    const answer = await send(`${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*INVALID_REQUEST/);
    expect(await written(since)).toEqual([]);
  });
});
