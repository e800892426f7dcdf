/** The bare client of each engine: a lane's own statements from plain Node, through a pool of the same size. */
import { clientOf } from '#server/engines/clients.ts';
import { enginesOf } from '#server/engines/engine-config.ts';
import { newTally } from '#server/lanes/engine-rows.ts';
import type { BareSales } from '../lib/bare-sales.ts';

/** See {@link BareSales}. Throws where the engine is not there. */
export const bareSales: BareSales = async (vars, lane, { buyers, seconds, pauseMs }) => {
  const config = enginesOf((name) => vars.get(name) ?? '');
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
};
