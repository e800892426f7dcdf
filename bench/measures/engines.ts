/**
 * Lanes over engines: sales a second beside the bare client of the same engine, a contest of many lanes on the same taps, and what
 * distance does to one statement and to a locked row. All of one engine's figures are of one machine: no ranking between engines.
 */
import { ENGINE_OF } from '#lib/domain/engines.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { MAX_IN_FLIGHT } from '#lib/domain/admission.ts';
import { percentile } from '#lib/domain/percentile.ts';
import { sum } from '../../scripts/crowd/hammering.ts';
import { Site } from '../../scripts/crowd/site.ts';
import type { Bench, Measure, Room } from '../lib/bench.ts';
import { benchOn, closeAll } from '../lib/bench.ts';
import { bareSales, startEngineHost } from '../lib/engine-host.ts';
import type { EngineHost } from '../lib/engine-host.ts';
import type { Figure } from '../lib/figures.ts';
import { figureOf, figuresOver } from '../lib/figures.ts';
import { SAFE } from '../lib/lanes.ts';
import { auditOf, stateOf } from '../lib/meters.ts';
import { tapUntilAnswered } from '../lib/open-loop.ts';
import { saturate } from '../lib/saturate.ts';

/** `RACE_WINDOW_MS` as it is by default. */
const PAUSE_MS = 100;
/** Messages a second of one phone: 20 would be a flood. */
const SAID_AT_MOST = 18;
/** Lanes of the contest that is held against a room of one lane. */
const CONTESTANTS = 8;
const FAR_MS = 80;
const FAR_UNITS = 100;
const FAR_BUYERS = 128;
const FAR_LANES = ['postgres-conditional', 'postgres-for-update'] as const;

export const engines: Measure = {
  name: 'engines',
  longOnly: true,
  async run(bench) {
    const host = await startEngineHost();
    try {
      const { url, debugToken, group } = host;
      const groups = { ...bench.groups, ours: group };
      const here = benchOn({ ...bench, ours: new Site(url), debugToken, groups });
      return [...(await salesOf(here, host)), ...(await contestOf(here, host)), ...(await farOf(here, host))];
    } finally {
      await host.end();
    }
  },
};

/** Sales a second of every lane, the bare client in turn; the safe lane in the same run. */
async function salesOf(bench: Bench, { lanes, labels, vars }: EngineHost): Promise<Figure[]> {
  const { phones, seconds } = bench.options;
  const figures: Figure[] = [];
  for (const lane of [SAFE, ...lanes]) {
    const next = bench.roomsFor(phones, { mode: lane, lanes: [lane] });
    const rounds = await bench.rounds(lane, async () => {
      const room = await next();
      const load = {
        inFlight: 1,
        durationMs: 1_000 * seconds,
        counts: 'allocated',
        group: bench.groups.ours,
        atMostPerSecond: SAID_AT_MOST,
      };
      const { perSecond } = await saturate(room.phones, load);
      const isGreen = (await auditOf(bench, room)).length === 0;
      closeAll(room.phones);
      const buyers = { buyers: MAX_IN_FLIGHT, seconds, pauseMs: PAUSE_MS };
      const bare = lane === SAFE ? NaN : await bareSales(vars, lane as LaneId, buyers);
      return { perSecond, bare, isGreen };
    });
    const green = rounds.filter(({ isGreen }) => isGreen).length;
    const label = labels.get(ENGINE_OF[lane as LaneId]) ?? 'REAL ENGINE';
    figures.push(
      figuresOver(rounds)(`${lane}: sales/s, ${phones} phones`, '/s', ({ perSecond }) => perSecond, {
        beside: lane === SAFE ? undefined : [`bare client, ${MAX_IN_FLIGHT} buyers`, ({ bare }) => bare],
        target: lane === SAFE ? undefined : { ratioAtLeast: 0.6 },
        note: `${label}; audit green ${green}/${rounds.length}`,
      }),
    );
  }
  return figures;
}

/** The safe lane's answers in a contest of many lanes, beside those of a room that has it alone; and what a phone is sent. */
async function contestOf(bench: Bench, { lanes }: EngineHost): Promise<Figure[]> {
  const { phones, seconds } = bench.options;
  const contestants = [SAFE, 'eventual', ...lanes].slice(0, CONTESTANTS);
  const rooms = {
    alone: bench.roomsFor(phones, { mode: SAFE, lanes: [SAFE] }),
    contest: bench.roomsFor(phones, { mode: 'contest', lanes: contestants }),
  };
  const rounds = await bench.rounds('contest', async (seed) => {
    const found = { alone: NaN, contest: NaN, bytes: NaN, isGreen: false };
    for (const which of ['alone', 'contest'] as const) {
      const room = await rooms[which]();
      const bytes = sum(room.phones, ({ frameBytes }) => frameBytes);
      const startMs = performance.now();
      // The first answer of an op has its safe lane: the others may be pending in it.
      const firsts = new Map<string, number>();
      const onAnswer = ({ op, ms }: { op: string; ms: number }) => {
        if (!firsts.has(op)) firsts.set(op, ms);
      };
      await tapUntilAnswered(room.phones, { perSecond: phones, seconds, seed, onAnswer });
      // The last answers are waited for, and frames go on meanwhile.
      const tappedS = (performance.now() - startMs) / 1_000;
      found[which] = percentile([...firsts.values()], 0.95);
      found.bytes = (sum(room.phones, ({ frameBytes }) => frameBytes) - bytes) / phones / tappedS;
      found.isGreen = (await auditOf(bench, room)).length === 0;
      closeAll(room.phones);
    }
    return found;
  });
  const figure = figuresOver(rounds);
  const green = rounds.filter(({ isGreen }) => isGreen).length;
  return [
    figure(
      `contest of ${contestants.length} lanes, ${phones} phones × 1 tap/s: safe lane’s ack p95`,
      'ms',
      ({ contest }) => contest,
      {
        beside: ['the safe lane alone', ({ alone }) => alone],
        target: { ratioAtMost: 1.3 },
        note: `${contestants.join(', ')}; audit green ${green}/${rounds.length}`,
      },
    ),
    figure('the same: frames to a phone', 'kB/s', ({ bytes }) => bytes / 1_000, { target: { atMost: 20 } }),
  ];
}

/** A hundred units at a distance: until all buyers know, by one statement and by a locked row. */
async function farOf(bench: Bench, { lanes }: EngineHost): Promise<Figure[]> {
  if (!FAR_LANES.every((lane) => lanes.includes(lane))) return [];
  const rounds = await bench.rounds(`+${FAR_MS} ms`, async () => {
    const [conditional, locked] = [await sellFar(bench, FAR_LANES[0]), await sellFar(bench, FAR_LANES[1])];
    return { conditional, locked };
  });
  const what = `+${FAR_MS} ms, EMULATED: ${FAR_UNITS} units, ${FAR_BUYERS} buyers at once`;
  const seconds = (of: 'conditional' | 'locked') => rounds.map((round) => round[of].seconds);
  return [
    ...(['conditional', 'locked'] as const).map((of, place) =>
      figureOf({
        what: `${FAR_LANES[place]} at ${what}: sold`,
        unit: '',
        ours: rounds.map((round) => round[of].sold),
        target: { exactly: FAR_UNITS },
      }),
    ),
    figureOf({
      what: `${FAR_LANES[1]} at ${what}: until all know`,
      unit: 's',
      ours: seconds('locked'),
      beside: { what: FAR_LANES[0], samples: seconds('conditional') },
    }),
  ];
}

async function sellFar(
  bench: Bench,
  lane: (typeof FAR_LANES)[number],
): Promise<{ sold: number; seconds: number }> {
  const room: Room = await bench.room(FAR_BUYERS, { mode: lane, lanes: [lane], capacity: FAR_UNITS });
  const body = { skuId: room.skuId, distance: { lane, ms: FAR_MS } };
  await bench.ours.call('/demo/control', { token: room.show.token, body });
  const startMs = performance.now();
  await Promise.all(room.phones.map(bought));
  const seconds = (performance.now() - startMs) / 1_000;
  const { lanes } = await stateOf(bench, room);
  closeAll(room.phones);
  return { sold: lanes[lane]?.acknowledged ?? NaN, seconds };
}

/** Taps until it is known: a lane that is busy is asked again. */
function bought(phone: Room['phones'][number]): Promise<void> {
  return new Promise((resolve) => {
    phone.onAnswer = ({ op, outcome, retryAfterMs }) => {
      if (outcome === 'BUSY') setTimeout(() => phone.tap(op), Math.max(retryAfterMs, FAR_MS));
      else if (outcome !== 'pending') resolve();
    };
    phone.tap();
  });
}
