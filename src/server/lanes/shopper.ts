/**
 * The shopper: what a stateless service in front of a database does when it is written without care, and nothing worse.
 * One invocation per op, so that the race is between independent invocations, as in real life.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { Order, Report } from '#lib/room/lane.ts';
import type { Env } from '../env.ts';
import { d1Rows, readInventory, writeInventory } from '../storage/orders.ts';
import { blindly } from './blindly.ts';
import { carryOut } from './carry-out.ts';

/** The eventual lane's worker: read, pause, write blindly, report. */
export class Shopper extends WorkerEntrypoint<Env> {
  /**
   * Carries out one order. Never throws for what a database can do: it reports that the outcome is unknown.
   * @param again true when an earlier call for the same op may have gone out and may still write.
   */
  async shop(order: Order, pauseMs: number, again: boolean): Promise<Report> {
    const { DB: db } = this.env;
    const buy = blindly(pauseMs, {
      read: (key, tally) => readInventory(db, key, tally),
      write: (key, write, tally) => writeInventory(db, key, write, tally),
    });
    const { outcome, spent } = await carryOut({ rows: d1Rows(db), buy }, order, again);
    // The lane tells no work: what D1 does for a statement is metered, and rooms that exist know no other figure of it.
    return { outcome, spent };
  }
}
