/**
 * The shopper: what a stateless service in front of a database does when it is written without care, and nothing worse.
 * One invocation per op, so that the race is between independent invocations, as in real life.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { blindWrite, fits } from '#lib/domain/write.ts';
import { steadyClock } from '#lib/room/steady-clock.ts';
import type { Env } from '../env.ts';
import { errorFields, logLine } from '../log.ts';
import { spend } from '../storage/d1.ts';
import { dropVoid, readInventory, readOrder, voidOrder, writeInventory } from '../storage/orders.ts';
import type { InventoryKey, OrderRow } from '../storage/orders.ts';
import type { Order, Outcome, Report } from '#lib/room/lane.ts';

/** The eventual lane's worker: read, pause, write blindly, report. */
export class Shopper extends WorkerEntrypoint<Env> {
  /**
   * Carries out one order. Never throws for what a database can do: it reports that the outcome is unknown.
   * @param again true when an earlier call for the same op may have gone out and may still write.
   */
  async shop(order: Order, pauseMs: number, again: boolean): Promise<Report> {
    const spent: MeterCounts = {};
    const { show, sku, lane, epoch } = order;
    const key: InventoryKey = { show, sku, lane, epoch };
    try {
      const earlier = again ? await findOrder(this.env.DB, key, order.buyer.op, spent) : null;
      if (earlier) return { outcome: earlier, spent };
      const outcome = await buy(this.env.DB, key, order, pauseMs, spent);
      const mayBeOvertaken = again && outcome.kind === 'refused';
      if (!mayBeOvertaken) return { outcome, spent };
      return { outcome: await makeCertain(this.env.DB, key, order, outcome, spent), spent };
    } catch (error) {
      logLine('shopper_failed', { op: order.buyer.op, ...errorFields(error) });
      return { outcome: { kind: 'unknown' }, spent };
    }
  }
}

/**
 * Makes a refusal certain. An earlier call for the op may still be pausing and write later; inserting a void order row (version
 * 0) makes its insert fail. In a fenced epoch it cannot write anyway. If the earlier call was faster, its write is the outcome.
 */
async function makeCertain(
  db: D1Database,
  key: InventoryKey,
  order: Order,
  refused: Extract<Outcome, { kind: 'refused' }>,
  spent: MeterCounts,
): Promise<Outcome> {
  if (refused.code === 'OUT_OF_STOCK') addCounts(spent, await voidOrder(db, key, order.buyer));
  return (await findOrder(db, key, order.buyer.op, spent)) ?? refused;
}

async function buy(
  db: D1Database,
  key: InventoryKey,
  order: Order,
  pauseMs: number,
  spent: MeterCounts,
): Promise<Outcome> {
  const { op, who, units } = order.buyer;
  const reading = await spend(spent, readInventory(db, key));
  // A steady clock, so that a write is never before its reading when the wall clock is set.
  const clock = steadyClock(() => Date.now());
  const readAtMs = clock();
  if (!reading) return { kind: 'refused', code: 'STALE_EPOCH' };
  if (!fits(reading.allocated, reading.capacity, units)) {
    return { kind: 'refused', code: 'OUT_OF_STOCK' };
  }
  await scheduler.wait(pauseMs);
  const wroteAllocated = blindWrite(reading, units);
  const row = {
    op,
    who,
    units,
    parentVersion: reading.version,
    readAllocated: reading.allocated,
    wroteAllocated,
    readAtMs,
    wroteAtMs: clock(),
  };
  try {
    const version = await spend(spent, writeInventory(db, key, row));
    if (version === null) return { kind: 'refused', code: 'STALE_EPOCH' };
    return writtenOutcome({ ...row, epoch: key.epoch, version });
  } catch (error) {
    // The row may stand there: from this call, whose answer was lost, or from an earlier one of the same op.
    const earlier = await findOrder(db, key, op, spent);
    if (earlier) return earlier;
    throw error;
  }
}

/**
 * What the table of orders says of an op: null when nothing. An op that was voided in this epoch was refused for want of
 * stock, and stays so: the call that it was voided for may still be on its way. Of an older epoch nothing can follow.
 */
async function findOrder(
  db: D1Database,
  key: InventoryKey,
  op: string,
  spent: MeterCounts,
): Promise<Outcome | null> {
  const row = await spend(spent, readOrder(db, key, op));
  if (!row) return null;
  if (row.version > 0) return writtenOutcome(row);
  if (row.epoch === key.epoch) return { kind: 'refused', code: 'OUT_OF_STOCK' };
  addCounts(spent, await dropVoid(db, key, op));
  return null;
}

function writtenOutcome(row: OrderRow): Outcome {
  const { readAtMs, wroteAtMs, epoch: _epoch, ...write } = row;
  return { kind: 'written', write, times: { readAtMs, wroteAtMs } };
}
