/** Memory of the runtime with many sockets in one room, beside the bare object's. Needs hosts on which nothing ran yet. */
import type { Phone } from '../../scripts/crowd/phone.mjs';
import { answersOf } from '../../scripts/crowd/hammering.mjs';
import type { Bench, Measure } from '../lib/bench.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf } from '../lib/figures.ts';
import { runtimeOf } from '../lib/processes.ts';
import { barePhones, closeAll, connectAll, openShow, phoneOf } from '../lib/rooms.ts';

const LAST_ANSWERS_MS = 20_000;

export const memory: Measure = { name: 'memory', fresh: true, run };

async function run({ ours, bare, debugToken, groups, options, say }: Bench): Promise<Figure[]> {
  const { sockets } = options;
  const before = memoryOf(groups);
  const show = await openShow(ours, debugToken);
  const sessions = await ours.joinAll(show.show, sockets);
  say(`memory: ${sockets} have joined`);
  const phones = sessions.map((session) => phoneOf(ours, session));
  await connectAll(phones);
  const others = await barePhones(bare, 'write', 'memory', sockets);
  await tapOnce(phones);
  await tapOnce(others);
  const after = memoryOf(groups);
  const open = [...phones, ...others].filter((phone) => phone.open).length;
  closeAll([...phones, ...others]);
  if (open < 2 * sockets) throw new Error(`Only ${open} of ${2 * sockets} sockets were open.`);
  const beside = (mb: number) => ({ what: 'bare, one write', samples: [mb] });
  const worker = (of: typeof after.ours) => of.worker.toFixed(0);
  return [
    figureOf({
      what: `memory of the runtime that runs the Worker, ${sockets} sockets in a room`,
      unit: 'MB',
      ours: [after.ours.worker],
      beside: beside(after.bare.worker),
      target: { atMost: 400 },
      note: `before: ${worker(before.ours)} and ${worker(before.bare)} MB`,
    }),
    figureOf({
      what: 'memory of the tool’s proxy in front of it',
      unit: 'MB',
      ours: [after.ours.proxy],
      beside: beside(after.bare.proxy),
    }),
  ];
}

/** Resident memory by process, MB: the Worker's runtime is the larger one. Zeros where the kernel does not tell. */
function memoryOf(groups: Bench['groups']) {
  const of = (group: number) => {
    const [worker, proxy] = runtimeOf(group);
    return { worker: worker?.rssMb ?? 0, proxy: proxy?.rssMb ?? 0 };
  };
  return { ours: of(groups.ours), bare: of(groups.bare) };
}

async function tapOnce(phones: Phone[]): Promise<void> {
  for (const phone of phones) phone.tap();
  const unanswered = await answersOf(phones, LAST_ANSWERS_MS);
  if (unanswered > 0) throw new Error(`${unanswered} taps were never answered.`);
}
