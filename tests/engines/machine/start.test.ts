/** `npm start -- --engines` as a user meets it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagesInstalled } from '../../../scripts/lib/install.mjs';
import { freePort } from '../../../scripts/lib/network.mjs';
import type { Running } from '../../scripts/support/processes.ts';
import { printed, startNode } from '../../scripts/support/processes.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));
/** It may have to build the pages first. */
const READY_MS = 120_000;

let folder = '';
let command: Running | undefined;
beforeEach(() => {
  // A start that installs would pull the packages from under the tests that are running.
  expect(packagesInstalled()).toBe(true);
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(async () => {
  command?.process.kill('SIGTERM');
  await command?.exit;
  rmSync(folder, { recursive: true, force: true });
});

it(
  'says what runs and what is missing with the command that brings it, uses endpoints that are configured, and serves',
  async () => {
    const port = await freePort();
    const elsewhere = 'REDIS_URL=redis://:a-secret@127.0.0.1:9';
    const options = ['--port', String(port), '--host', '127.0.0.1', '--persist-to', folder];
    command = startNode([SCRIPT, '--engines', '--var', elsewhere, ...options]);
    await printed(command, /Ctrl-C ends everything/, READY_MS);
    const output = command.output();
    for (const title of ['PostgreSQL', 'DynamoDB'])
      expect(output).toMatch(
        new RegExp(`${title} +(runs here \\((REAL ENGINE|EMULATOR)\\)|is missing: .+\\n +\\S+)`),
      );
    expect(output).toMatch(/Redis +is where its variables say \(YOUR ENDPOINT\)/);
    expect(output).not.toContain('a-secret');
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200);
  },
  READY_MS,
);
