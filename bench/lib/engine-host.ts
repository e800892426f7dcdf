/** The project on engines of its own, and the bare client of each: the same statements from plain Node, without room, log or socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scheduler } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ENGINE_OF, isOwn } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { clientOf } from '#server/engines/clients.ts';
import { enginesOf } from '#server/engines/engine-config.ts';
import type { EnginesConfig } from '#server/engines/engine-config.ts';
import { newTally } from '#server/lanes/engine-rows.ts';
import { ENGINE_NAMES } from '../../scripts/engines/names.mjs';
import { startEngines } from '../../scripts/engines/start.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { startProject } from './hosts.ts';

// What the runtime has and Node has elsewhere: a client says neither where it runs.
Object.assign(globalThis, { scheduler: { wait: (ms: number) => scheduler.wait(ms) } });
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
    config: enginesOf((name) => engines.vars.get(name) ?? ''),
    async end() {
      await project.end();
      await engines.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sales a second of a lane's bare client: so many buyers at once, each one after the other, for so long. */
export async function bareSales(
  config: EnginesConfig,
  lane: LaneId,
  { buyers, seconds, pauseMs }: { buyers: number; seconds: number; pauseMs: number },
): Promise<number> {
  const client = await clientOf(config, { lane, distanceMs: 0 });
  if (!client) throw new Error(`${lane} has no engine here.`);
  const key = { show: `bare-${Date.now()}`, sku: 'bare', lane, epoch: 1 };
  await client.prepare?.();
  await client.rows.stock(key, 1_000_000, newTally());
  const buy = client.buy(pauseMs);
  const endMs = performance.now() + 1_000 * seconds;
  let sold = 0;
  const buyer = async () => {
    while (performance.now() < endMs) {
      const who = { op: crypto.randomUUID(), who: 'bare', units: 1, sim: false };
      const { kind } = await buy(key, { ...key, lane, buyer: who, distanceMs: 0 }, newTally());
      if (kind === 'written' && performance.now() <= endMs) sold += 1;
    }
  };
  await Promise.all(Array.from({ length: buyers }, buyer));
  await client.forget(key);
  return sold / seconds;
}
