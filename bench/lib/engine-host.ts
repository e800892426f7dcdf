/** The project on engines of its own, and the bare client of each: the same statements from plain Node, without room, log or socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scheduler } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ENGINE_OF, isOwn } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { BareSales } from './bare-sales.ts';
import { ENGINE_NAMES } from '../../scripts/engines/names.mjs';
import { startEngines } from '../../scripts/engines/start.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { startProject } from './hosts.ts';

// What the runtime has and Node has elsewhere: a client says neither where it runs.
Object.assign(globalThis, { scheduler: { wait: (ms: number) => scheduler.wait(ms) } });
const BARE_SALES = pathToFileURL(join(ROOT, 'bench', 'bare', 'engine-sales.ts')).href;
const SOCKETS = pathToFileURL(join(ROOT, 'bench', 'lib', 'node-sockets.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'cloudflare:sockets' ? { url: SOCKETS, shortCircuit: true } : next(specifier, context),
});

/** A running project, its engines, and their lanes. */
export type EngineHost = Awaited<ReturnType<typeof startEngineHost>>;

/** Starts both. What cannot be had here is left out. */
export async function startEngineHost() {
  const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-bench-engines-'));
  const engines = await startEngines({ names: ENGINE_NAMES, folder });
  const project = await startProject({ vars: engines.vars });
  const names: readonly string[] = engines.running.map(({ name }) => name);
  return {
    ...project,
    lanes: LANE_IDS.filter((lane) => !isOwn(lane) && names.includes(ENGINE_OF[lane])),
    labels: new Map(engines.running.map(({ name, label }) => [name as string, label])),
    vars: engines.vars,
    async end() {
      await project.end();
      await engines.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Sales of a lane's bare client. Loaded by its name when it is needed: it is made of the server's modules, whose types are the
 * runtime's and not Node's.
 */
export const bareSales: BareSales = async (...asked) => {
  const loaded = (await import(BARE_SALES)) as { bareSales: BareSales };
  return loaded.bareSales(...asked);
};
