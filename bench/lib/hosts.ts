/** Starts what is measured: the project as `npm start` runs it, and the bare Worker on the same kind of host. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from '../../scripts/lib/build.mjs';
import { endGroup } from '../../scripts/lib/group.mjs';
import { freePort } from '../../scripts/lib/network.mjs';
import { BUILT_PAGES, ROOT } from '../../scripts/lib/paths.mjs';
import type { ServerOptions } from '../../scripts/lib/server.mjs';
import { startServer, untilHealthy } from '../../scripts/lib/server.mjs';

const LOOPBACK = '127.0.0.1';

/**
 * Starts the project as `npm start` does, on loopback and with a fresh folder; `script` replaces its host script, `vars` are told
 * to its Worker beside the usual.
 */
export async function startProject({
  script,
  vars: more = new Map(),
}: { script?: string; vars?: ReadonlyMap<string, string> } = {}) {
  // The Worker imports the pages; no measure depends on their being up to date.
  if (!existsSync(join(ROOT, BUILT_PAGES))) await buildPages();
  const debugToken = randomBytes(32).toString('base64url');
  const vars = new Map([
    ...more,
    ['DEBUG_TOKEN', debugToken],
    ['SESSION_SECRET', randomBytes(48).toString('base64url')],
  ]);
  return { ...(await startOn({ vars, ...(script && { script }) })), debugToken };
}

/** The host script of the project with constants in place of its log's hashes. */
export const UNCHAINED = join(ROOT, 'bench', 'unchained', 'host.ts');

/** Starts the bare objects on the same host. */
export function startBare(): ReturnType<typeof startOn> {
  return startOn({ config: join(ROOT, 'bench', 'bare', 'wrangler.toml') });
}

/** A host with its address, the leader of its process group, and its newest lines for the message of a failure. */
async function startOn(what: Pick<ServerOptions, 'vars' | 'config' | 'script'>) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-bench-'));
  const persistTo = join(folder, 'state');
  mkdirSync(persistTo);
  const url = `http://${LOOPBACK}:${port}`;
  const server = startServer({ host: LOOPBACK, port, persistTo, ...what });
  await untilHealthy(server, url);
  const end = async () => {
    await endGroup(server.pid);
    await server.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, group: server.pid, lines: server.lines, end };
}
