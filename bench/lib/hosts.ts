/** Starts what is measured: the project as `npm start` runs it, and the bare Worker on the same kind of host. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from '../../scripts/lib/build.mjs';
import { endGroup } from '../../scripts/lib/group.mjs';
import { freePort } from '../../scripts/lib/network.mjs';
import { BUILT_PAGES, ROOT } from '../../scripts/lib/paths.mjs';
import { startServer, untilHealthy } from '../../scripts/lib/server.mjs';

const LOOPBACK = '127.0.0.1';

/** A server under measurement. */
export interface Host {
  url: string;
  /** Process id of the leader of its process group. */
  group: number;
  /** Its newest lines of output, for the message of a failure. */
  lines: string[];
  end(): Promise<void>;
}

/** The project itself, with a folder and secrets of its own. */
export interface ProjectHost extends Host {
  debugToken: string;
}

/** Starts the project as `npm start` does, on loopback and with a fresh folder; `script` replaces its host script. */
export async function startProject(vars: ReadonlyMap<string, string>, script?: string): Promise<ProjectHost> {
  // The Worker imports the pages; no measure depends on their being up to date.
  if (!existsSync(join(ROOT, BUILT_PAGES))) await buildPages();
  const debugToken = randomBytes(32).toString('base64url');
  const secrets = new Map([
    ['DEBUG_TOKEN', debugToken],
    ['SESSION_SECRET', randomBytes(48).toString('base64url')],
  ]);
  const host = await startOn({ vars: new Map([...secrets, ...vars]), ...(script && { script }) });
  return { ...host, debugToken };
}

/** Starts the project with constants in place of its log's hashes (bench/unchained). */
export function startUnchained(): Promise<ProjectHost> {
  return startProject(new Map(), join(ROOT, 'bench', 'unchained', 'host.ts'));
}

/** Starts the bare objects on the same host. */
export function startBare(): Promise<Host> {
  return startOn({ vars: new Map(), config: join(ROOT, 'bench', 'bare', 'wrangler.toml') });
}

async function startOn(what: {
  vars: ReadonlyMap<string, string>;
  config?: string;
  script?: string;
}): Promise<Host> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-bench-'));
  const persistTo = join(folder, 'state');
  mkdirSync(persistTo);
  const url = `http://${LOOPBACK}:${port}`;
  const server = startServer({ host: LOOPBACK, port, persistTo, onLine: () => undefined, ...what });
  await untilHealthy(server, url);
  const end = async () => {
    await endGroup(server.pid);
    await server.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, group: server.pid, lines: server.lines, end };
}
