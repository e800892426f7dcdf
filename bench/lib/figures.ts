/** Figures: what a measure says, with its spread, what it is held against and the target. */
import * as v from 'valibot';
import { median } from '../../scripts/crowd/samples.mjs';

const spread = v.tuple([v.number(), v.number()]);

/** One line of the table. */
export const figure = v.object({
  what: v.string(),
  unit: v.string(),
  /** Median over the rounds. */
  ours: v.number(),
  spread,
  samples: v.array(v.number()),
  /** The same of a bare object, measured in turn with ours. */
  beside: v.optional(v.object({ what: v.string(), value: v.number(), spread, samples: v.array(v.number()) })),
  /** Median over the rounds of ours ÷ beside. */
  ratio: v.optional(v.object({ value: v.number(), spread })),
  target: v.optional(v.string()),
  met: v.optional(v.boolean()),
  note: v.optional(v.string()),
});
/** See {@link figure}. */
export type Figure = v.InferOutput<typeof figure>;

/** What a figure is held against. Targets on a ratio are about ours ÷ beside. */
export interface Target {
  atMost?: number;
  atLeast?: number;
  exactly?: number;
  ratioAtMost?: number;
  ratioAtLeast?: number;
}

/** Makes a figure of the samples of all rounds; those of `beside` belong to the same rounds in the same order. */
export function figureOf(given: {
  what: string;
  unit: string;
  ours: number[];
  beside?: { what: string; samples: number[] };
  target?: Target;
  note?: string;
}): Figure {
  const { what, unit, ours, beside, target, note } = given;
  const made: Figure = { what, unit, ours: median(ours), spread: spreadOf(ours), samples: ours };
  if (beside) {
    const ratios = ours.map((value, round) => value / (beside.samples[round] ?? NaN));
    made.beside = {
      what: beside.what,
      value: median(beside.samples),
      spread: spreadOf(beside.samples),
      samples: beside.samples,
    };
    made.ratio = { value: median(ratios), spread: spreadOf(ratios) };
  }
  if (target) Object.assign(made, { target: targetText(target), met: isMet(target, made) });
  if (note !== undefined) made.note = note;
  return made;
}

function spreadOf(samples: number[]): [number, number] {
  return [Math.min(...samples), Math.max(...samples)];
}

function targetText({ atMost, atLeast, exactly, ratioAtMost, ratioAtLeast }: Target): string {
  const parts = [
    atMost !== undefined && `≤ ${atMost}`,
    atLeast !== undefined && `≥ ${atLeast}`,
    exactly !== undefined && `= ${exactly}`,
    ratioAtMost !== undefined && `≤ ${ratioAtMost}×`,
    ratioAtLeast !== undefined && `≥ ${ratioAtLeast}×`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

/** An exact target holds in every round; the others for the median. */
function isMet(target: Target, { ours, samples, ratio }: Figure): boolean {
  const {
    atMost = Infinity,
    atLeast = -Infinity,
    exactly,
    ratioAtMost = Infinity,
    ratioAtLeast = 0,
  } = target;
  if (exactly !== undefined && samples.some((sample) => sample !== exactly)) return false;
  const value = ratio?.value ?? 0;
  return ours <= atMost && ours >= atLeast && value <= ratioAtMost && value >= ratioAtLeast;
}
