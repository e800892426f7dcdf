/**
 * Where a rehearsal begins: at what this browser last saw of the show, so that a presenter whose network is gone goes on with
 * the same products, step and mode. It outlives a reload without a network, and holds nothing but what every screen shows.
 */
import * as v from 'valibot';
import { MODES } from '#lib/domain/lane.ts';
import { FIRST_LANE } from '#lib/domain/lanes.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { STEPS } from '#lib/domain/script.ts';
import { recallSkus } from './identity.ts';
import type { Store } from './surroundings.ts';
import { localStore, recall } from './surroundings.ts';

const SKU = v.object({ id: v.string(), name: v.string(), capacity: v.number(), unitPrice: v.number() });
/** The largest seed that somebody may choose for a rehearsal. */
export const MOST_SEED = 999_999;
const SEEN = v.object({
  skus: v.pipe(v.array(SKU), v.minLength(1)),
  mode: v.picklist(MODES),
  step: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(STEPS)),
  held: v.optional(v.boolean()),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_SEED))),
});
/** What this browser last saw of a show: `held` while it waited for its GO, `seed` where somebody chose one for its rehearsal. */
export type Seen = v.InferOutput<typeof SEEN>;
/** What a rehearsal begins with. */
export interface Beginning extends Seen {
  show: string;
  seed: number;
}

/** The code of a rehearsal of no show in particular. A show of this name would have to be drawn from 900 million. */
export const OWN_CODE = 'REHEAR';
/** What is rehearsed when nothing is known of the show: held, as a show that is opened at the door. */
export const FIRST_SEEN: Seen = {
  skus: [{ id: 'ticket', name: 'Concert ticket', capacity: 100, unitPrice: 150 }],
  mode: FIRST_LANE,
  step: 1,
  held: true,
};
const SEEDS = 10_000;

/** Remembers where a show stands. */
export function noteSeen(show: string, seen: Seen, store: Store = localStore): void {
  store.setItem(placeOf(show), JSON.stringify(seen));
}

/** Remembers where a room of a show stands; its other products are kept as they were. */
export function noteState(show: string, state: Pick<RoomState, 'sku' | 'mode' | 'step' | 'hold'>): void {
  const { sku, mode, step, hold } = state;
  const skus = recallSkus(show) ?? [sku];
  noteSeen(show, { skus, mode, step, held: hold?.goAtMs === null });
}

/** Where a rehearsal of a show begins. */
export function beginningOf(show: string, random: () => number, store: Store = localStore): Beginning {
  const skus = recallSkus(show, store);
  const seen = recall(store, placeOf(show), SEEN) ?? { ...FIRST_SEEN, ...(skus ? { skus } : {}) };
  return { ...seen, show, seed: seen.seed ?? Math.floor(random() * SEEDS) };
}

function placeOf(show: string): string {
  return `rgl.rehearsal.${show}.seen`;
}
