/**
 * The runtime's memory: of a socket, and of the export of a log. Each needs fresh hosts, because memory that something earlier
 * left behind would be used again and hide what this one needs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_SOCKETS_PER_PARTICIPANT } from '#lib/protocol/limits.ts';
import { answersOf } from '../../scripts/crowd/hammering.ts';
import type { Phone } from '../../scripts/crowd/phone.ts';
import type { Bench, Measure } from '../lib/bench.ts';
import { closeAll, connectAll } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { runtimeMemoryMb } from '../lib/processes.ts';

const BATCHES = 5;
/** Pause after a batch, before memory is read, so that freed memory can be returned, milliseconds. */
const SETTLES_MS = 500;

/**
 * Memory of the runtime per socket, beside the bare object's. Logins leave memory behind that sockets would use again, so
 * few people join and each opens as many sockets as it may. Sockets come in batches, and only what the later batches add
 * counts, because most of what the first one adds is garbage that was not collected yet.
 */
export const memory: Measure = {
  name: 'memory',
  fresh: true,
  async run(bench) {
    const batch = bench.options.sockets;
    const all = batch * BATCHES;
    const show = await bench.openShow();
    const sessions = await bench.ours.joinAll(show.show, Math.ceil(all / MAX_SOCKETS_PER_PARTICIPANT));
    const phones = Array.from({ length: all }, (_, index) =>
      bench.phone(sessions[index % sessions.length] ?? show),
    );
    const others = bench.barePhones('write', 'memory', all);
    const rssMb = { ours: [] as number[], bare: [] as number[] };
    for (let place = 0; place < BATCHES; place += 1) {
      for (const side of [phones, others]) await arrive(side.slice(place * batch, (place + 1) * batch));
      await pause(SETTLES_MS);
      rssMb.ours.push(runtimeMemoryMb(bench.groups.ours));
      rssMb.bare.push(runtimeMemoryMb(bench.groups.bare));
    }
    const open = [...phones, ...others].filter((phone) => phone.open).length;
    closeAll([...phones, ...others]);
    if (open < 2 * all) throw new Error(`Only ${open} of ${2 * all} sockets were open.`);
    const line = (mb: number[]) => mb.map((each) => each.toFixed(0)).join(', ');
    bench.say(`memory: after each ${batch} sockets ${line(rssMb.ours)} MB; bare ${line(rssMb.bare)} MB`);
    const perSocket = (mb: number[]) =>
      (1_024 * ((mb.at(-1) ?? NaN) - (mb[0] ?? NaN))) / (batch * (BATCHES - 1));
    const what = 'bare, one write';
    return [
      figureOf({
        what: 'memory of a socket in the Worker’s runtime',
        unit: 'kB',
        ours: [perSocket(rssMb.ours)],
        beside: { what, samples: [perSocket(rssMb.bare)] },
        target: { ratioAtMost: 1.3 },
        note: `what sockets ${batch + 1} to ${all} of a room have added, each has tapped once`,
      }),
      figureOf({
        what: `memory of the Worker’s runtime, ${batch} sockets in a room`,
        unit: 'MB',
        ours: rssMb.ours.slice(0, 1),
        beside: { what, samples: rssMb.bare.slice(0, 1) },
        target: { atMost: 400 },
      }),
    ];
  },
};

async function arrive(phones: Phone[]): Promise<void> {
  await connectAll(phones);
  for (const phone of phones) phone.tap();
  const unanswered = await answersOf(phones);
  if (unanswered > 0) throw new Error(`${unanswered} taps were never answered.`);
}

const OPS = 100_000;
const SHORT_OPS = 5_000;
/** Simulated shoppers of one rush: the most that one may have. */
const RUSH = 500;
/** Pause after filling the room, so that the garbage of it can be collected, milliseconds. */
const FILLED_MS = 3_000;
/** Between two readings of the memory, milliseconds. */
const LOOKS_MS = 10;
/** The slow reader: bytes that it reads at once, and its pause after them. About 3 MB a second. */
const SIP_BYTES = 65_536;
const SIP_MS = 20;
const LINE_FEED = 10;

/** The export of a full room's log: how long it takes, and how much the runtime's memory grows, for a reader at full speed. */
export const exported: Measure = { name: 'export', fresh: true, run: (bench) => exportLog(bench, 0) };
/** The same for a slow reader. */
export const sipped: Measure = {
  name: 'export-slow',
  fresh: true,
  longOnly: true,
  run: (bench) => exportLog(bench, SIP_MS),
};

async function exportLog(bench: Bench, sipMs: number): Promise<Figure[]> {
  const ops = bench.options.short ? SHORT_OPS : OPS;
  const { token, skuIds } = await bench.openShow();
  const [skuId] = skuIds;
  for (let left = ops; left > 0; left -= RUSH) {
    const body = { skuId, count: Math.min(left, RUSH), mode: SAFE };
    await bench.ours.call('/demo/rush', { token, body });
  }
  await pause(FILLED_MS);
  const memoryMb = () => runtimeMemoryMb(bench.groups.ours);
  const before = memoryMb();
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, memoryMb())), LOOKS_MS);
  const startMs = performance.now();
  const { bytes, lines } = await read(`${bench.ours.url}/api/demo/log?skuId=${skuId}`, token, sipMs).finally(
    () => clearInterval(looking),
  );
  const ms = performance.now() - startMs;
  const addedMb = Math.max(most, memoryMb()) - before;
  // Besides the sales there are the header, the opening, the head and other events.
  if (lines < ops + 3) throw new Error(`The log has ${lines} lines, and ${ops} were sold.`);
  bench.say(
    `export: ${(bytes / 1e6).toFixed(1)} MB in ${ms.toFixed(0)} ms, ${addedMb.toFixed(1)} MB more memory`,
  );
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

/** Reads the whole log and discards it. */
async function read(url: string, token: string, sipMs: number): Promise<{ bytes: number; lines: number }> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok || !answer.body) throw new Error(`The log was answered with ${answer.status}.`);
  let bytes = 0;
  let lines = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines += 1;
    if (sipMs > 0) await pause((sipMs * chunk.length) / SIP_BYTES);
  }
  return { bytes, lines };
}
