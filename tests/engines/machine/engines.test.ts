/** Engines as `npm start -- --engines` brings them: what they keep, what is said when they end, and what is said of missing ones. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineName } from '../../../scripts/engines/names.mjs';
import { ENGINE_NAMES } from '../../../scripts/engines/names.mjs';
import { PACKAGES } from '../../../scripts/engines/packages.mjs';
import type { Engines } from '../../../scripts/engines/start.mjs';
import { startEngines } from '../../../scripts/engines/start.mjs';
import { signalGroup } from '../../../scripts/lib/group.mjs';
import { groupGone } from '../../scripts/support/processes.ts';
import { ROWS } from './support/rows.ts';

const AS_USER = fileURLToPath(new URL('./support/as-user.ts', import.meta.url));
const WITHIN_MS = 20_000;
const PROGRAMS: Record<EngineName, RegExp> = {
  postgres: /postgres$/,
  dynamodb: /dynoxide$/,
  redis: /(redis|valkey)-server$/,
};
const isRoot = process.getuid?.() === 0;

let folder = '';
let started: Engines[] = [];
let said: string[] = [];

/** Before what starts engines: a folder of their own. Afterwards all that were started in it are ended. */
function enter(): void {
  folder = mkdtempSync(join(tmpdir(), 'engines-'));
  said = [];
}
async function leave(): Promise<void> {
  vi.unstubAllEnvs();
  await Promise.all(started.map((engines) => engines.end()));
  started = [];
  rmSync(folder, { recursive: true, force: true });
}

async function start(names: readonly EngineName[] = ENGINE_NAMES, packages = PACKAGES): Promise<Engines> {
  const engines = await startEngines({ names, folder, packages, onLine: (line) => said.push(line) });
  started.push(engines);
  return engines;
}

const namesOf = (engines: { name: EngineName }[]) => engines.map(({ name }) => name);

/** The process of an engine and the user that it is, by the group that it is in. */
function processOf({ group }: Engines, name: EngineName): { pid: number; uid: number } {
  const table = execFileSync('ps', ['-eo', 'pid=,pgid=,uid=,comm='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find(
    ([, leader, , program = '']) => Number(leader) === group && PROGRAMS[name].test(program),
  );
  if (!row) throw new Error(`no process of ${name} in group ${group}`);
  return { pid: Number(row[0]), uid: Number(row[2]) };
}

const hears = (beginning: string) =>
  vi.waitFor(() => {
    if (!said.some((line) => line.startsWith(beginning))) throw new Error(`${beginning}: ${said.join('\n')}`);
  }, WITHIN_MS);

describe('engines that serve', () => {
  let engines: Engines;
  beforeAll(async () => {
    enter();
    engines = await start();
  });
  afterAll(leave);

  it('cannot be reached from another machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      for (const port of engines.running.flatMap(({ ports }) => Object.values(ports))) {
        const socket = connect({ host: address, port });
        await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
      }
    }
  });

  it('have their secrets on no command line', () => {
    const lines = execFileSync('ps', ['-wweo', 'args='], { encoding: 'utf8' });
    for (const name of ['POSTGRES_URL', 'REDIS_URL']) {
      const url = engines.vars.get(name);
      if (url !== undefined) expect(lines).not.toContain(new URL(url).password);
    }
  });

  it('are started again when they die, on their port and on what they have stored, and that is said', async () => {
    const { running, vars } = engines;
    for (const { name } of running) await ROWS[name].put(vars, name);
    for (const { name } of running) process.kill(processOf(engines, name).pid, 'SIGKILL');
    for (const { name, title } of running) {
      await hears(`${title} ended: a signal ended it (SIGKILL).`);
      await hears(`${title} serves again.`);
      expect(await ROWS[name].get(vars)).toBe(name);
    }
  });

  it('wait for their port when another program has taken it meanwhile, and say so once', async () => {
    const [one] = engines.running;
    if (!one) return;
    said = [];
    const { name, ports, title } = one;
    // Stopped in its tracks, so that it cannot be quicker.
    process.kill(engines.group, 'SIGSTOP');
    process.kill(processOf(engines, name).pid, 'SIGKILL');
    const squatter = createServer();
    await vi.waitFor(async () => {
      squatter.listen(ports[0], '127.0.0.1');
      await once(squatter, 'listening');
    }, WITHIN_MS);
    process.kill(engines.group, 'SIGCONT');
    await hears(`${title} does not start: `);
    expect(said.at(-1)).toMatch(/in use/);
    await new Promise((resolve) => squatter.close(resolve));
    await hears(`${title} serves again.`);
    expect(said.filter((line) => line.includes('does not start'))).toHaveLength(1);
  });
});

describe('engines of a start', () => {
  beforeEach(enter);
  afterEach(leave);

  it('keep what they have stored when everything is killed at once, and leave nothing running', async () => {
    const first = await start();
    for (const { name } of first.running) await ROWS[name].put(first.vars, name);
    signalGroup(first.group, 'SIGKILL');
    await hears('The engines ended, all of them');
    await groupGone(first.group, WITHIN_MS);
    const second = await start();
    expect(namesOf(second.running)).toEqual(namesOf(first.running));
    for (const { name } of second.running) expect(await ROWS[name].get(second.vars)).toBe(name);
    await second.end();
    await groupGone(second.group, WITHIN_MS);
  });

  it('run as a normal user as well as they do as root', async ({ skip }) => {
    const nobody = isRoot ? { uid: 65_534, gid: 65_534 } : {};
    if (isRoot) chownSync(folder, 65_534, 65_534);
    const options = {
      ...nobody,
      encoding: 'utf8' as const,
      cwd: '/',
      env: { PATH: process.env['PATH'], HOME: folder },
    };
    // A clone of root's own may lie where nobody else can read.
    if (
      spawnSync(process.execPath, ['-e', `require('fs').readFileSync('${AS_USER}')`], options).status !== 0
    ) {
      console.log('not run: engines as a normal user (a clone that the user nobody can read)');
      skip();
    }
    const { stdout, stderr } = spawnSync(process.execPath, [AS_USER, folder], options);
    const { kept, missing } = JSON.parse(stdout || JSON.stringify(stderr)) as {
      kept: string[];
      missing: EngineName[];
    };
    expect(kept).toEqual(
      ENGINE_NAMES.filter((name) => !missing.includes(name)).map((name) => `${name} kept`),
    );
  });

  it.runIf(isRoot)(
    'that refuse root become nobody where there are no user namespaces, in a folder that only root reaches',
    async () => {
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      writeFileSync(join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      vi.stubEnv('PATH', [bin, process.env['PATH']].join(delimiter));
      const engines = await start(['postgres']);
      if (engines.running.length > 0) expect(processOf(engines, 'postgres').uid).toBe(65_534);
    },
  );
});

describe('an engine that cannot be had', () => {
  beforeEach(enter);
  afterEach(leave);

  it('is named with the command that brings it: a program that is not on PATH', async () => {
    vi.stubEnv('PATH', folder);
    const { missing, vars } = await start(['redis']);
    expect(missing).toMatchObject([{ name: 'redis', how: expect.stringMatching(/install .*redis/) }]);
    expect([...vars]).toEqual([['LOCAL_ENGINES', '{}']]);
  });

  it('is named with the command that brings it: a package that cannot be downloaded; the others start', async () => {
    const packages = join(folder, 'package');
    mkdirSync(packages);
    for (const file of ['package.json', 'package-lock.json'])
      cpSync(join(PACKAGES, file), join(packages, file));
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9');
    vi.stubEnv('npm_config_cache', join(folder, 'cache'));
    const { running, missing } = await start(ENGINE_NAMES, packages);
    expect(namesOf(running)).not.toContain('postgres');
    const [first] = missing;
    expect(first).toMatchObject({ name: 'postgres', how: 'npm ci --prefix engines' });
    expect(namesOf([...running, ...missing]).sort()).toEqual([...ENGINE_NAMES].sort());
  });

  it('is named with the reason: a folder that cannot be written', async () => {
    writeFileSync(join(folder, 'engines'), 'a file');
    const { running, missing } = await start();
    expect(running).toEqual([]);
    for (const { why } of missing) expect(why).toMatch(/Cannot write to .*file|is not on PATH|is on PATH/);
  });
});
