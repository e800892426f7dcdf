/** What the eventual lane takes, and what it honestly refuses as BUSY above that. */
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';
import { saturate } from '../lib/saturate.ts';
import { median, quantile } from '../../scripts/crowd/samples.mjs';

export const eventual: Measure = { name: 'eventual', fresh: false, run };

async function run({ ours, debugToken, options, say }: Bench): Promise<Figure[]> {
  const perSecond: number[] = [];
  const busy: number[] = [];
  const p95: number[] = [];
  const audits: boolean[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const show = await openShow(ours, debugToken);
    const call = { token: show.token };
    await ours.call('/demo/control', { ...call, body: { skuId: 'room-1', mode: 'eventual' } });
    const phones = (await ours.joinAll(show.show, options.phones)).map((session) => phoneOf(ours, session));
    await connectAll(phones);
    const slice = await saturate(phones, {
      inFlight: 1,
      durationMs: options.seconds * 1_000,
      counts: 'allocated',
    });
    perSecond.push(slice.perSecond);
    busy.push((slice.outcomes['BUSY'] ?? 0) / options.seconds);
    p95.push(quantile(slice.ms, 0.95));
    audits.push(((await ours.call('/demo/audit?skuId=room-1', call)) as { ok: boolean }).ok);
    closeAll(phones);
    say(`eventual: round ${round} of ${options.rounds}, ${JSON.stringify(slice.outcomes)}`);
  }
  const green = audits.filter((ok) => ok).length;
  return [
    figureOf({
      what: `eventual ops/s, ${options.phones} sockets × 1 in flight`,
      unit: '/s',
      ours: perSecond,
      target: { atLeast: 150 },
      note: `BUSY ${Math.round(median(busy))}/s; audit green ${green}/${audits.length}`,
    }),
    figureOf({ what: 'eventual tap → ack at that load, p95', unit: 'ms', ours: p95 }),
  ];
}
