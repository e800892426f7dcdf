/** The process behind `startServer`, with a small Worker of its own: what a start promises whatever the Worker is. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Child } from '../../scripts/lib/child.mjs';
import { endGroup, signalGroup } from '../../scripts/lib/group.mjs';
import { startServer, untilHealthy } from '../../scripts/lib/server.mjs';
import { freePort } from '../../scripts/lib/network.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 120_000;
const CONFIG = `name = "small"
main = "worker.ts"
compatibility_date = "2026-10-20"
[assets]
directory = "files"
binding = "ASSETS"
run_worker_first = ["/api/*"]
[[d1_databases]]
binding = "DB"
database_name = "small"
database_id = "00000000-0000-0000-0000-000000000000"
migrations_dir = "migrations"
[vars]
FROM_CONFIG = "config"
FROM_FILE = "config"
FROM_COMMAND = "config"
`;
const WORKER = `export default {
  async fetch(request, env) {
    const { results } = await env.DB.prepare('SELECT text FROM notes ORDER BY text').all();
    if (request.method === 'POST') await env.DB.prepare('INSERT INTO notes VALUES (?)').bind('kept').run();
    console.log('asked for ' + new URL(request.url).pathname);
    const { FROM_CONFIG, FROM_FILE, FROM_COMMAND } = env;
    const from = request.headers.get('cf-connecting-ip');
    return Response.json({ version: 1, notes: results, vars: [FROM_CONFIG, FROM_FILE, FROM_COMMAND], from });
  },
};
`;

let folder = '';
let servers: Child[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-'));
  write('wrangler.toml', CONFIG);
  write('worker.ts', WORKER);
  write('.dev.vars', 'FROM_FILE=file\nFROM_COMMAND=file\n');
  write('files/page.html', '<!doctype html>a file');
  write(
    'migrations/0001_notes.sql',
    "CREATE TABLE notes (text TEXT); -- one\nINSERT INTO notes VALUES ('a;b');",
  );
});
afterEach(async () => {
  await Promise.all(servers.map(({ pid }) => endGroup(pid)));
  servers = [];
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

async function start(): Promise<{ url: string; server: Child }> {
  const port = await freePort();
  const server = startServer({
    host: '127.0.0.1',
    port,
    persistTo: join(folder, 'state'),
    vars: new Map([['FROM_COMMAND', 'command=1']]),
    onLine: () => undefined,
    config: join(folder, 'wrangler.toml'),
  });
  servers.push(server);
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(server, url);
  return { url, server };
}

const ask = async (url: string, init: RequestInit = {}) => (await fetch(`${url}/api/notes`, init)).json();

it(
  'gives the Worker its tables, variables, files and callers, tells its log, and keeps what it answered through SIGKILL',
  async () => {
    const { url, server } = await start();
    const page = await fetch(`${url}/page`);
    expect(await page.text()).toContain('a file');
    expect(await ask(url, { method: 'POST' })).toEqual({
      version: 1,
      notes: [{ text: 'a;b' }],
      vars: ['config', 'file', 'command=1'],
      from: '127.0.0.1',
    });
    await expect.poll(() => server.lines).toContain('asked for /api/notes');
    expect(server.lines).not.toContain('asked for /page');
    // Everybody on the machine can read command lines, and a variable may be a secret.
    expect(execFileSync('ps', ['-wweo', 'args='], { encoding: 'utf8' })).not.toContain('FROM_COMMAND');

    signalGroup(server.pid, 'SIGKILL');
    await server.ended;
    // What has changed since is in the next start; what has not is not done again.
    write('worker.ts', WORKER.replace('version: 1', 'version: 2'));
    write('migrations/0002_more.sql', "INSERT INTO notes VALUES ('more');");
    const again = await start();
    const notes = [{ text: 'a;b' }, { text: 'kept' }, { text: 'more' }];
    expect(await ask(again.url)).toMatchObject({ version: 2, notes });
  },
  TIMEOUT_MS,
);

it(
  'does not start with a Worker that cannot be built, nor on a database that cannot be brought up to date',
  async () => {
    write('worker.ts', "import { nothing } from './nowhere.ts';\nexport default nothing;\n");
    await expect(start()).rejects.toThrow(/nowhere\.ts[^]*The Worker could not be built/);

    write('worker.ts', WORKER);
    write('migrations/0002_wrong.sql', 'CREATE TABLE more (text TEXT);\nINSERT INTO nowhere VALUES (1);');
    await expect(start()).rejects.toThrow(/0002_wrong\.sql: [^]*nowhere[^]*could not be brought up to date/);
    // Half of a migration is none of it: mended, it runs from its beginning.
    write(
      'migrations/0002_wrong.sql',
      "CREATE TABLE more (text TEXT);\nINSERT INTO notes VALUES ('mended');",
    );
    const { url, server } = await start();
    expect(await ask(url)).toMatchObject({ notes: [{ text: 'a;b' }, { text: 'mended' }] });

    signalGroup(server.pid, 'SIGKILL');
    await server.ended;
    rmSync(join(folder, 'migrations/0002_wrong.sql'));
    await expect(start()).rejects.toThrow(
      /stored by a newer version[^]*0002_wrong\.sql[^]*Nothing was changed/,
    );
  },
  TIMEOUT_MS,
);

it('runs on the runtime that wrangler itself would run', () => {
  const ours = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const wranglers = readFileSync(join(ROOT, 'node_modules', 'wrangler', 'package.json'), 'utf8');
  const pin = /"miniflare": "[^"]+"/;
  expect(pin.exec(ours)?.[0]).toBe(pin.exec(wranglers)?.[0]);
});
