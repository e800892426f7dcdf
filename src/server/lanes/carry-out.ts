/**
 * The rule of certainty, the same for every engine: an order is written at most once, and what is answered is what its rows say.
 * A lane's own part is its {@link Buy}: which statements it sends.
 */
import type { TimedWrite } from '#lib/domain/write.ts';
import type { Order, Outcome, Report } from '#lib/room/lane.ts';
import { errorFields, logLine } from '../log.ts';
import { newTally } from './engine-rows.ts';
import type { EngineRows, InventoryKey, OrderRow, Tally } from './engine-rows.ts';

/** What a strategy did: the row that it wrote, or why it surely wrote none. */
export type Bought =
  { kind: 'written'; row: TimedWrite } | { kind: 'refused'; code: 'OUT_OF_STOCK' | 'STALE_EPOCH' };

/**
 * A strategy: buys once. It writes shelf and order row together or not at all; for an op that has an order row already it rejects,
 * and changes nothing. When it rejects, the rows are asked what became of the op. For a shelf that is fenced or was never
 * stocked it says `STALE_EPOCH`.
 */
export type Buy = (key: InventoryKey, order: Order, tally: Tally) => Promise<Bought>;

/** There was no connection to be had: this call has sent nothing that could write. */
export class EngineBusy extends Error {
  override readonly name = 'EngineBusy';
}

/** A lane's engine and its strategy. */
export interface Selling {
  rows: EngineRows;
  buy: Buy;
}

/**
 * Carries out one order. Never rejects for what an engine can do: it reports that the outcome is unknown.
 * @param again true when an earlier call for the same op may have gone out and may still write.
 */
export async function carryOut(selling: Selling, order: Order, again: boolean): Promise<Report> {
  const tally = newTally();
  const { spent } = tally;
  const { show, sku, lane, epoch } = order;
  const key: InventoryKey = { show, sku, lane, epoch };
  try {
    const earlier = again ? await findOrder(selling.rows, key, order.buyer.op, tally) : null;
    if (earlier) return { outcome: earlier, spent };
    const { outcome, isOwn } = await buyOnce(selling, key, order, tally);
    // Of an earlier call's write it is not known what it took.
    if (!isOwn) return { outcome, spent };
    const mayBeOvertaken = again && outcome.kind === 'refused';
    if (mayBeOvertaken)
      return { outcome: await makeCertain(selling.rows, key, order, outcome, tally), spent };
    return { outcome, spent, work: workOf(tally) };
  } catch (error) {
    // An earlier call of the op may write after this one found the engine busy.
    if (error instanceof EngineBusy && !again) return { outcome: { kind: 'refused', code: 'BUSY' }, spent };
    logLine('order_failed', { op: order.buyer.op, lane, ...errorFields(error) });
    return { outcome: { kind: 'unknown' }, spent };
  }
}

/** Buys; where that fails, the row may stand there all the same: from this call, whose answer was lost, or an earlier one. */
async function buyOnce(
  { rows, buy }: Selling,
  key: InventoryKey,
  order: Order,
  tally: Tally,
): Promise<{ outcome: Exclude<Outcome, { kind: 'unknown' }>; isOwn: boolean }> {
  try {
    const bought = await buy(key, order, tally);
    const outcome = bought.kind === 'written' ? writtenOutcome(bought.row) : bought;
    return { outcome, isOwn: true };
  } catch (error) {
    if (error instanceof EngineBusy) throw error;
    const earlier = await findOrder(rows, key, order.buyer.op, tally).catch(() => null);
    if (earlier) return { outcome: earlier, isOwn: false };
    throw error;
  }
}

/**
 * Makes a refusal certain. An earlier call for the op may still be under way and write later; inserting a void order row makes its
 * write fail. In a fenced epoch it cannot write anyway. If the earlier call was faster, its write is the outcome.
 */
async function makeCertain(
  rows: EngineRows,
  key: InventoryKey,
  { buyer }: Order,
  refused: Extract<Outcome, { kind: 'refused' }>,
  tally: Tally,
): Promise<Outcome> {
  if (refused.code === 'OUT_OF_STOCK') await rows.voidOrder(key, buyer, tally);
  return (await findOrder(rows, key, buyer.op, tally)) ?? refused;
}

/**
 * What the rows say of an op: null when nothing. An op that was voided in this epoch was refused for want of stock, and stays so:
 * the call that it was voided for may still be on its way. Of an older epoch nothing can follow.
 */
async function findOrder(
  rows: EngineRows,
  key: InventoryKey,
  op: string,
  tally: Tally,
): Promise<Exclude<Outcome, { kind: 'unknown' }> | null> {
  const row = await rows.readOrder(key, op, tally);
  if (!row) return null;
  if (row.version > 0) return writtenOutcome(row);
  if (row.epoch === key.epoch) return { kind: 'refused', code: 'OUT_OF_STOCK' };
  await rows.dropVoid(key, op, tally);
  return null;
}

function writtenOutcome(row: TimedWrite | OrderRow): Extract<Outcome, { kind: 'written' }> {
  const { readAtMs, wroteAtMs, op, who, units, parentVersion, version, readAllocated, wroteAllocated } = row;
  const write = { op, who, units, parentVersion, version, readAllocated, wroteAllocated };
  return { kind: 'written', write, times: { readAtMs, wroteAtMs } };
}

function workOf({ attempts, roundTrips, retries }: Tally): NonNullable<Report['work']> {
  return Object.keys(retries).length > 0 ? { attempts, roundTrips, retries } : { attempts, roundTrips };
}
