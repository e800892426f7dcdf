/**
 * Memory of the runtime per socket, beside the bare object's. Logins leave memory behind that sockets would use again, so
 * few people join and each opens many sockets. Sockets come in batches, and only what the later batches add counts, because
 * most of what the first one adds is garbage that was not collected yet. Needs fresh hosts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { answersOf } from '../../scripts/crowd/hammering.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { runtimeMemoryMb } from '../lib/processes.ts';
import type { RawPhone } from '../lib/raw-phone.ts';
import { barePhonesOf, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

/** Sockets of one session: the most that it may have in a room. */
const SOCKETS_EACH = 10;
const BATCHES = 5;
const LAST_ANSWERS_MS = 20_000;
/** Pause after a batch, before memory is read, so that freed memory can be returned, milliseconds. */
const SETTLES_MS = 500;

export const memory: Measure = { name: 'memory', fresh: true, run };

async function run({ ours, bare, debugToken, groups, options, say }: Bench): Promise<Figure[]> {
  const batch = options.sockets;
  const show = await openShow(ours, debugToken);
  const sessions = await ours.joinAll(show.show, Math.ceil((batch * BATCHES) / SOCKETS_EACH));
  const of = (index: number) => sessions[index % sessions.length] ?? show;
  const phones = Array.from({ length: batch * BATCHES }, (_, index) => phoneOf(ours, of(index)));
  const others = barePhonesOf(bare, 'write', 'memory', phones.length);
  const rssMb = { ours: [] as number[], bare: [] as number[] };
  for (let place = 0; place < BATCHES; place += 1) {
    const here = (all: RawPhone[]) => all.slice(place * batch, (place + 1) * batch);
    await arrive(here(phones));
    await arrive(here(others));
    await pause(SETTLES_MS);
    rssMb.ours.push(runtimeMemoryMb(groups.ours));
    rssMb.bare.push(runtimeMemoryMb(groups.bare));
  }
  const open = [...phones, ...others].filter((phone) => phone.open).length;
  closeAll([...phones, ...others]);
  if (open < 2 * phones.length) throw new Error(`Only ${open} of ${2 * phones.length} sockets were open.`);
  say(`memory: after each ${batch} sockets ${line(rssMb.ours)} MB; bare ${line(rssMb.bare)} MB`);
  const added = (mb: number[]) => (mb.at(-1) ?? NaN) - (mb[0] ?? NaN);
  const perSocket = (mb: number[]) => (1_024 * added(mb)) / (batch * (BATCHES - 1));
  const beside = (samples: number[]) => ({ what: 'bare, one write', samples });
  return [
    figureOf({
      what: 'memory of a socket in the Worker’s runtime',
      unit: 'kB',
      ours: [perSocket(rssMb.ours)],
      beside: beside([perSocket(rssMb.bare)]),
      target: { ratioAtMost: 1.3 },
      note: `what sockets ${batch + 1} to ${phones.length} of a room have added, each has tapped once`,
    }),
    figureOf({
      what: `memory of the Worker’s runtime, ${batch} sockets in a room`,
      unit: 'MB',
      ours: [rssMb.ours[0] ?? NaN],
      beside: beside([rssMb.bare[0] ?? NaN]),
      target: { atMost: 400 },
    }),
  ];
}

async function arrive(phones: RawPhone[]): Promise<void> {
  await connectAll(phones);
  for (const phone of phones) phone.tap();
  const unanswered = await answersOf(phones, LAST_ANSWERS_MS);
  if (unanswered > 0) throw new Error(`${unanswered} taps were never answered.`);
}

function line(mb: number[]): string {
  return mb.map((each) => each.toFixed(0)).join(', ');
}
