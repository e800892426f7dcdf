/** A rush: many simulated shoppers who press within one breath, each its own identity, through the same admission and lanes. */
import type { RushResult } from '#lib/protocol/http.ts';
import { rushResult } from '#lib/protocol/rush-result.ts';
import type { OpAnswer } from './buying.ts';
import { busyFor, buyAsShopper } from './crowd.ts';
import { randomFor, uuidFrom } from './random.ts';
import type { Room } from './room.ts';
import type { Schedule } from './schedule.ts';

/** People who are told "now" press within so long, milliseconds. */
const BREATH_MS = 250;
/** How long a shopper tries again after BUSY, milliseconds. */
const PATIENCE_MS = 60_000;

/** Who comes, and as which round of this show's crowds. */
export interface RushOrder {
  seed: number;
  round: number;
  count: number;
  units: number;
}

/** Sends them; `done` is called when every one has a final answer. */
export function rush(
  room: Room,
  schedule: Schedule,
  order: RushOrder,
  done: (result: RushResult) => void,
): void {
  const { seed, round, count, units } = order;
  const random = randomFor(seed, `${room.books.opening.sku.id} rush ${round}`);
  const digits = String(count).length;
  const answers: OpAnswer[] = [];
  const settle = (answer: OpAnswer) => {
    answers.push(answer);
    if (answers.length === count) done(rushResult(answers));
  };
  const giveUpAtMs = schedule.nowMs + PATIENCE_MS;
  const press = (shopper: { op: string; label: string; units: number }) =>
    buyAsShopper(room, shopper, (answer) => {
      const waitMs = schedule.nowMs < giveUpAtMs ? busyFor(answer) : null;
      if (waitMs === null) settle(answer);
      else schedule.after(waitMs, () => press(shopper));
    });
  for (let place = 1; place <= count; place++) {
    const label = `sim-${round}-${String(place).padStart(digits, '0')}`;
    const shopper = { op: uuidFrom(random), label, units };
    schedule.after(random() * BREATH_MS, () => press(shopper));
  }
}
