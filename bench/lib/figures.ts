/** Figures: a measure's results with spread, comparison and target. */
import { percentile } from '#lib/domain/percentile.ts';
import * as v from 'valibot';

/** A number, NaN when it could not be measured; JSON writes NaN as null. */
const number = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? NaN),
);
const spread = v.tuple([number, number]);
const bound = v.exactOptional(v.number());
/** Bounds that a figure should meet. Ratios are ours ÷ beside. */
const target = v.object({
  atMost: bound,
  atLeast: bound,
  exactly: bound,
  ratioAtMost: bound,
  ratioAtLeast: bound,
});
/** Parsed {@link target}. */
export type Target = v.InferOutput<typeof target>;

/** One figure: a line of the printed table. */
export const figure = v.object({
  what: v.string(),
  unit: v.string(),
  /** Median over the rounds. */
  ours: number,
  spread,
  samples: v.array(number),
  /** The same figure of a bare object, measured in turn with ours. */
  beside: v.exactOptional(v.object({ what: v.string(), value: number, spread, samples: v.array(number) })),
  /** Median over the rounds of ours ÷ beside. */
  ratio: v.exactOptional(v.object({ value: number, spread })),
  target: v.exactOptional(target),
  met: v.exactOptional(v.boolean()),
  note: v.exactOptional(v.string()),
});
/** Parsed {@link figure}. */
export type Figure = v.InferOutput<typeof figure>;

/** What a figure may say beside its own value; `beside` names what it is held against. */
interface Also<B> {
  beside?: B | undefined;
  target?: Target | undefined;
  note?: string | undefined;
}
/** What a figure is made from: one sample a round; `beside` has those of the same rounds in the same order. */
export interface Measured extends Also<{ what: string; samples: number[] }> {
  what: string;
  unit: string;
  ours: number[];
}

/** The figure of the samples: medians over the rounds, spread from least to most, and whether the target is met. */
export function figureOf({ what, unit, ours, beside, target, note }: Measured): Figure {
  const made: Figure = { what, unit, ours: median(ours), spread: spreadOf(ours), samples: ours };
  if (beside) {
    const ratios = ours.map((value, round) => value / (beside.samples[round] ?? NaN));
    made.beside = { ...beside, value: median(beside.samples), spread: spreadOf(beside.samples) };
    made.ratio = { value: median(ratios), spread: spreadOf(ratios) };
  }
  if (target) Object.assign(made, { target, met: isMet(target, made) });
  if (note !== undefined) made.note = note;
  return made;
}

/** What may stand beside a figure of rounds: a name, and what it came to in a round. */
type AlsoOf<R> = Also<readonly [what: string, of: (round: R) => number]>;

/** Makes figures of what was measured in the same rounds: `of` says which part of a round one is about. */
export function figuresOver<R>(rounds: readonly R[]) {
  return (what: string, unit: string, of: (round: R) => number, also: AlsoOf<R> = {}): Figure => {
    const [name = '', value] = also.beside ?? [];
    const beside = value && { what: name, samples: rounds.map(value) };
    return figureOf({ ...also, what, unit, ours: rounds.map(of), beside });
  };
}

/** Times of a round, milliseconds, whose percentiles are figures. */
interface TimesOf<R> {
  ours: (round: R) => readonly number[];
  beside?: readonly [what: string, of: (round: R) => readonly number[]];
  /** By the share of the percentile. */
  targets?: Record<number, Target>;
  /** Of the first of them. */
  note?: string | undefined;
}

/** The percentiles that answers are told by, each a figure. */
export function percentilesOver<R>(
  rounds: readonly R[],
  what: string,
  { ours, beside, targets = {}, note }: TimesOf<R>,
): Figure[] {
  const figure = figuresOver(rounds);
  return [0.5, 0.95, 0.99].map((share, place) =>
    figure(`${what} p${100 * share}`, 'ms', (round) => percentile(ours(round), share), {
      beside: beside && [beside[0], (round) => percentile(beside[1](round), share)],
      target: targets[share],
      note: place === 0 ? note : undefined,
    }),
  );
}

/** Merges the figures of several runs: samples are concatenated, the words are those of the last run. */
export function mergedFigures(runs: readonly Figure[][]): Figure[] {
  return (runs.at(-1) ?? []).map((last, place) => {
    const same = runs.flatMap((run) => run[place] ?? []);
    const samples = same.flatMap(({ beside }) => beside?.samples ?? []);
    const beside = last.beside && { what: last.beside.what, samples };
    return figureOf({ ...last, ours: same.flatMap((each) => each.samples), beside });
  });
}

/** The middle of a sample: of an even number, the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

const SIGNS = { atMost: '≤', atLeast: '≥', exactly: '=', ratioAtMost: '≤', ratioAtLeast: '≥' };

/** A target in words. */
export function targetText(target: Target): string {
  const parts = Object.entries(target).map(([name, bound]) => {
    const sign = SIGNS[name as keyof Target];
    return `${sign} ${bound}${name.startsWith('ratio') ? '×' : ''}`;
  });
  return parts.join(' ');
}

function spreadOf(samples: readonly number[]): [number, number] {
  // There may be any number of samples, and a call takes no such number of arguments.
  return [
    samples.reduce((a, b) => Math.min(a, b), Infinity),
    samples.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

/** An exact target must hold in every round, the others for the median. NaN meets no target. */
function isMet(target: Target, { ours, samples, ratio }: Figure): boolean {
  const { atMost, atLeast, exactly, ratioAtMost, ratioAtLeast } = target;
  const value = ratio?.value ?? NaN;
  return (
    (exactly === undefined || (samples.length > 0 && samples.every((sample) => sample === exactly))) &&
    (atMost === undefined || ours <= atMost) &&
    (atLeast === undefined || ours >= atLeast) &&
    (ratioAtMost === undefined || value <= ratioAtMost) &&
    (ratioAtLeast === undefined || value >= ratioAtLeast)
  );
}
