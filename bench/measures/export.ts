/**
 * The export of a full room's log: how long it takes, and how much the runtime's memory grows meanwhile, for a reader at full
 * speed and for a slow one. Each needs fresh hosts, because memory that an earlier export left behind would be used again and
 * hide what this one needs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { runtimeMemoryMb } from '../lib/processes.ts';
import { openShow } from '../lib/rooms.ts';

const OPS = 100_000;
const SHORT_OPS = 5_000;
/** Simulated shoppers of one rush: the most that one may have. */
const RUSH = 500;
/** Pause after filling the room, so that the garbage of it can be collected, milliseconds. */
const SETTLES_MS = 3_000;
/** Between two readings of the memory, milliseconds. */
const LOOKS_MS = 10;
/** The slow reader: bytes that it reads at once, and its pause after them. About 3 MB a second. */
const SIP_BYTES = 65_536;
const SIP_MS = 20;

/** Time and memory of one export. */
interface Taken {
  ms: number;
  /** Most memory of the runtime during the export less that before it, MB. */
  addedMb: number;
  bytes: number;
}

/** A reader at full speed. */
export const exported: Measure = { name: 'export', fresh: true, run: (bench) => run(bench, 0) };
/** A slow reader. */
export const sipped: Measure = {
  name: 'export-slow',
  fresh: true,
  longOnly: true,
  run: (bench) => run(bench, SIP_MS),
};

async function run({ ours, debugToken, groups, options, say }: Bench, sipMs: number): Promise<Figure[]> {
  const ops = options.short ? SHORT_OPS : OPS;
  const show = await openShow(ours, debugToken);
  for (let left = ops; left > 0; left -= RUSH) {
    const body = { skuId: show.skuIds[0], count: Math.min(left, RUSH), mode: SAFE };
    await ours.call('/demo/rush', { token: show.token, body });
  }
  await pause(SETTLES_MS);
  const { ms, addedMb, bytes } = await take(ours, show, ops, groups.ours, sipMs);
  const mb = (bytes / 1e6).toFixed(1);
  say(`export: ${mb} MB in ${ms.toFixed(0)} ms, ${addedMb.toFixed(1)} MB more memory`);
  const what = `a log of ${ops.toLocaleString('en-US')} sales`;
  const memory = figureOf({
    what: `more memory while ${what} is read ${sipMs === 0 ? 'at full speed' : 'at 3 MB a second'}`,
    unit: 'MB',
    ours: [addedMb],
    target: { atMost: 32 },
    note: 'resident memory of the runtime: the most during the export, less what it was before',
  });
  if (sipMs > 0) return [memory];
  return [figureOf({ what: `export of ${what}`, unit: 'ms', ours: [ms], target: { atMost: 3_000 } }), memory];
}

/** Reads the whole log and discards it. @throws when it is not complete */
async function take(site: Site, show: Session, ops: number, group: number, sipMs: number): Promise<Taken> {
  const before = runtimeMemoryMb(group);
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, runtimeMemoryMb(group))), LOOKS_MS);
  try {
    const startMs = performance.now();
    const { bytes, lines } = await read(site, show, sipMs);
    const ms = performance.now() - startMs;
    // Besides the sales there are the header, the opening, the head and other events.
    if (lines < ops + 3) throw new Error(`The log has ${lines} lines, and ${ops} were sold.`);
    return { ms, addedMb: Math.max(most, runtimeMemoryMb(group)) - before, bytes };
  } finally {
    clearInterval(looking);
  }
}

async function read(site: Site, { token, skuIds }: Session, sipMs: number) {
  const answer = await fetch(`${site.url}/api/demo/log?skuId=${skuIds[0]}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok || !answer.body) throw new Error(`The log was answered with ${answer.status}.`);
  let bytes = 0;
  let lines = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    if (sipMs > 0) await pause((sipMs * chunk.length) / SIP_BYTES);
  }
  return { bytes, lines };
}
