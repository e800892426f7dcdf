/**
 * A lane's engine, in an object of its own: it holds the lane's connections at one distance, which invocations of a Worker could not
 * share. Rooms call it as they would call a service in front of a database. It stores nothing: what it knows stands in the engine.
 */
import { DurableObject } from 'cloudflare:workers';
import { assert } from '#lib/domain/assert.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Order, Report } from '#lib/room/lane.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { carryOut } from '../lanes/carry-out.ts';
import { overRows } from '../lanes/over-rows.ts';
import { errorFields, logLine } from '../log.ts';
import { clientOf } from './clients.ts';
import type { EngineClient, LaneAt } from './engine-client.ts';
import type { EngineHealth, EngineRpc } from './engine-rpc.ts';

/** The Durable Object of a lane's engine at a distance. */
export class EngineLane extends DurableObject<Env> implements EngineRpc {
  readonly #at = laneAt(this.ctx.id.name ?? '');
  #client: Promise<EngineClient | null> | null = null;

  async carryOut(order: Order, again: boolean, pauseMs: number): Promise<Report> {
    const client = await this.#connected();
    return carryOut({ rows: client.rows, buy: client.buy(pauseMs) }, order, again);
  }

  async open(...asked: Parameters<EngineRpc['open']>): ReturnType<EngineRpc['open']> {
    return (await this.#lane()).open(...asked);
  }

  async fence(...asked: Parameters<EngineRpc['fence']>): ReturnType<EngineRpc['fence']> {
    return (await this.#lane()).fence(...asked);
  }

  async writesAfter(...asked: Parameters<EngineRpc['writesAfter']>): ReturnType<EngineRpc['writesAfter']> {
    return (await this.#lane()).writesAfter(...asked);
  }

  async rowsBehind(...asked: Parameters<EngineRpc['rowsBehind']>): ReturnType<EngineRpc['rowsBehind']> {
    return (await this.#lane()).rowsBehind(...asked);
  }

  async counter(...asked: Parameters<EngineRpc['counter']>): ReturnType<EngineRpc['counter']> {
    return (await this.#lane()).counter(...asked);
  }

  async forget({ show, sku }: Parameters<EngineRpc['forget']>[0]): Promise<void> {
    const client = await this.#connected();
    await client.forget({ show, sku, lane: this.#at.lane });
  }

  async health(prepare: boolean): Promise<EngineHealth> {
    const beganMs = Date.now();
    try {
      const client = await this.#connected();
      if (prepare) await client.prepare?.();
      await client.ping();
      return { ok: true, ms: Date.now() - beganMs };
    } catch (error) {
      logLine('engine_unwell', { lane: this.#at.lane, ...errorFields(error) });
      const problem = (await this.#client)?.problemOf(error) ?? 'The engine does not answer.';
      return { ok: false, problem };
    }
  }

  async #lane() {
    const { rows } = await this.#connected();
    return overRows(this.#at.lane, rows);
  }

  async #connected(): Promise<EngineClient> {
    this.#client ??= clientOf(readConfig(this.env).engines, this.#at);
    const client = await this.#client;
    if (client) return client;
    throw new Error(`This site is not connected with the engine of ${this.#at.lane}.`);
  }
}

function laneAt(name: string): LaneAt {
  const [lane = '', distance = ''] = name.split('@');
  assert(lane in LANES && Number.isInteger(Number(distance)), 'a lane at a distance names the object');
  return { lane: lane as LaneId, distanceMs: Number(distance) };
}
