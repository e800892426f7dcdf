/** Asks the engines of a show's lanes whether they serve it, before anybody is shown a lane that cannot sell. */
import { ENGINE_OF } from '#lib/domain/engines.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { EnginesConfig } from './engine-config.ts';
import { engineLaneName } from './engine-rpc.ts';
import type { EngineRpc } from './engine-rpc.ts';

/** Longest wait for an engine's answer, milliseconds: longer than a connection may take. */
const WITHIN_MS = 8_000;

/** What is wrong with the first lane whose engine does not serve it, a sentence; null when nothing is. Makes what engines miss. */
export async function unwellEngine(
  objects: { getByName(name: string): EngineRpc },
  engines: EnginesConfig,
  lanes: readonly LaneId[],
): Promise<string | null> {
  const problems = await Promise.all(
    lanes
      .filter((lane) => ENGINE_OF[lane] in engines)
      .map(async (lane) => {
        const asked = objects.getByName(engineLaneName(lane, 0)).health(true);
        const health = await Promise.race([asked, scheduler.wait(WITHIN_MS)]);
        if (health?.ok) return [];
        return [`${lane}: ${health?.problem ?? 'its engine does not answer.'}`];
      }),
  );
  return problems.flat()[0] ?? null;
}
