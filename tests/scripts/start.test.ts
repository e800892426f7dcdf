/** `npm start` as a user meets it: the real command, on a free port and a folder of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { groupLives, signalGroup } from '../../scripts/lib/group.mjs';
import { packagesInstalled } from '../../scripts/lib/install.mjs';
import { assertFree } from '../../scripts/lib/network.mjs';
import type { Running } from './support/processes.ts';
import { groupGone, printed, startNode } from './support/processes.ts';
import { freePort } from '../../scripts/lib/network.mjs';

const SCRIPT = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
/** It may have to build the pages first. */
const READY_MS = 120_000;
const TIMEOUT_MS = 180_000;

let folder = '';
let running: Running[] = [];

beforeEach(() => {
  // A start that installs would pull the packages from under the tests that are running.
  expect(packagesInstalled()).toBe(true);
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(async () => {
  for (const { process: child, exit } of running) {
    child.kill('SIGTERM');
    await exit;
  }
  running = [];
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): Running {
  const command = startNode([SCRIPT, ...args]);
  running.push(command);
  return command;
}

/** Leaders of the groups that a command has started. */
function groupsOf(command: Running): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([pid, parent]) => (parent === command.process.pid && pid !== undefined ? [pid] : []));
}

it(
  'serves on its port, keeps everything in its folder, and leaves nothing running',
  async () => {
    const port = await freePort();
    const first = start('--port', String(port), '--persist-to', join(folder, 'a'));
    const [, link] = await printed(first, /^ *(http:\S+#signin=\S+)$/m, READY_MS);
    expect(link).toMatch(new RegExp(`^http://localhost:${port}/#signin=[\\w-]{32,}$`));
    const health = await fetch(`http://127.0.0.1:${port}/api/health`);
    expect(health.status).toBe(200);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.headers.get('content-type')).toContain('text/html');

    // Nobody asked for engines.
    expect(existsSync(join(folder, 'a', 'engines'))).toBe(false);

    // The same port, and the same folder, are refused while it runs.
    const samePort = start('--port', String(port), '--persist-to', join(folder, 'b'));
    expect(await samePort.exit).toBe(1);
    expect(samePort.output()).toContain(`Port ${port} is taken`);
    const sameFolder = start('--port', String(await freePort()), '--persist-to', join(folder, 'a'));
    expect(await sameFolder.exit).toBe(1);
    expect(sameFolder.output()).toContain('is in use by another start');

    // Another port and another folder run beside it.
    const otherPort = await freePort();
    const beside = start(
      '--port',
      String(otherPort),
      '--persist-to',
      join(folder, 'c'),
      '--host',
      '127.0.0.1',
    );
    await printed(beside, /#signin=/, READY_MS);
    expect((await fetch(`http://127.0.0.1:${otherPort}/api/health`)).status).toBe(200);

    const groups = [...groupsOf(first), ...groupsOf(beside)];
    expect(groups.length).toBeGreaterThanOrEqual(2);
    first.process.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    beside.process.kill('SIGKILL');
    await Promise.all(groups.map((group) => groupGone(group, 10_000)));
    await assertFree('0.0.0.0', port);
    await assertFree('0.0.0.0', otherPort);
  },
  TIMEOUT_MS,
);

it(
  'follows on one that was killed, in its folder and on its port, and on locks that nobody holds',
  async () => {
    const port = await freePort();
    const state = join(folder, 'a');
    mkdirSync(state);
    writeFileSync(join(state, 'start.lock'), '1');
    const first = start('--port', String(port), '--persist-to', state);
    await printed(first, /#signin=/, READY_MS);
    const [server = 0] = groupsOf(first);
    // Its server does not go at once: it is stopped in its tracks, and is killed only when its time to end is over.
    process.kill(server, 'SIGSTOP');
    first.process.kill('SIGKILL');
    await first.exit;
    const next = start('--port', String(port), '--persist-to', state);
    await printed(next, new RegExp(`\\(process ${first.process.pid}\\) is still ending`), READY_MS);
    expect(groupLives(server)).toBe(true);
    process.kill(server, 'SIGCONT');
    await printed(next, /#signin=/, READY_MS);
    expect(groupLives(server)).toBe(false);
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200);
  },
  TIMEOUT_MS,
);

it(
  'stops with one sentence when the server dies, and when a variable cannot be used',
  async () => {
    const port = await freePort();
    const command = start('--port', String(port), '--persist-to', join(folder, 'a'));
    await printed(command, /#signin=/, READY_MS);
    const [server] = groupsOf(command);
    if (server === undefined) throw new Error('no server');
    signalGroup(server, 'SIGKILL');
    expect(await command.exit).toBe(1);
    expect(command.output()).toContain('The server ended by itself');
    expect(groupLives(server)).toBe(false);

    const refused = start(
      '--port',
      String(port),
      '--persist-to',
      join(folder, 'a'),
      '--var',
      'RACE_WINDOW_MS=soon',
    );
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toContain('RACE_WINDOW_MS');
  },
  TIMEOUT_MS,
);
