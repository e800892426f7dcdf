/** A show with phones in its rooms, and their taps. */
import { Site } from '../../../scripts/crowd/site.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import type { ResetResult } from '#lib/protocol/http.ts';
import { randomUUID } from 'node:crypto';
import type { Buyer } from './buyer.ts';
import { Phone } from './phone.ts';
import { between } from './chance.ts';

import type { SharedHost } from './shared-host.ts';
import { until } from './until.ts';

/** Stock that no test sells out unless it wants to. */
const PLENTY = 100_000;
const LOOK_EVERY_MS = 5;

/** An open show, as its presenter has it. */
export interface Show {
  site: Site;
  /** Where its server keeps everything. */
  folder: string;
  code: string;
  token: string;
  label: string;
  skuIds: string[];
}

/** Opens a show with a room for each name. */
export async function openShow(
  { url, debugToken, folder }: Pick<SharedHost, 'url' | 'debugToken' | 'folder'>,
  skuIds: string[],
  capacity = PLENTY,
  lanes?: readonly LaneId[],
): Promise<Show> {
  const site = new Site(url);
  const skus = skuIds.map((id) => ({ id, capacity, unitPrice: 1 }));
  const { token, show, label } = await site.openShow(debugToken, skus, lanes);
  return { site, folder, code: show, token, label, skuIds };
}

/** Switches a room to a mode. */
export async function setMode(show: Show, skuId: string, mode: Mode): Promise<void> {
  await show.site.call('/demo/control', { token: show.token, body: { skuId, mode } });
}

let resets = 0;

/** Resets every room of a show. Each call comes from another address: one reset a minute and address is the limit. */
export async function reset(
  { site, token }: Show,
  key: string = randomUUID(),
): Promise<Record<string, number>> {
  resets += 1;
  const answer = await fetch(`${site.url}/api/demo/reset`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      // Nothing in front of a local server overwrites what the edge would set.
      'cf-connecting-ip': `198.51.${100 + Math.floor(resets / 250)}.${resets % 250}`,
    },
    body: '{}',
  });
  const { success, data, error } = (await answer.json()) as {
    success: boolean;
    data: ResetResult;
    error?: { code: string };
  };
  if (!success) throw new Error(`The reset was refused: ${error?.code}`);
  return data.epochs;
}

/** People who join a show and look at one room; not connected yet. */
export async function join(show: Show, skuId: string, people: number, url = show.site.url): Promise<Phone[]> {
  const sessions = await show.site.joinAll(show.code, people);
  return sessions.map(
    ({ token, label }) => new Phone({ url, token, label, show: show.code, skuId, role: 'participant' }),
  );
}

/** A stage of the show's presenter on one room; not connected yet. */
export function stageOf(show: Show, skuId: string, url = show.site.url): Phone {
  const { code, token, label } = show;
  return new Phone({ url, token, label, show: code, skuId, role: 'presenter' });
}

/** Phones that tap until they are told to stop, each at its own uneven pace. One that is not connected does not tap. */
export class Hammering {
  taps = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(phones: readonly Phone[], tapsPerSecond: number, random: () => number) {
    const periodMs = 1_000 / tapsPerSecond;
    const due = phones.map(() => performance.now() + random() * periodMs);
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      for (const [index, phone] of phones.entries()) {
        if ((due[index] ?? Infinity) > nowMs) continue;
        due[index] = nowMs + between(random, 0.5, 1.5) * periodMs;
        if (!phone.open) continue;
        phone.tap();
        this.taps += 1;
      }
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Waits until every tap has its final answer. */
export async function allAnswered(phones: readonly Buyer[], withinMs: number): Promise<number> {
  const open = () => phones.reduce((sum, { outbox }) => sum + outbox.size, 0);
  return until(
    () => open() === 0,
    withinMs,
    () => `${open()} ops have no final answer`,
  );
}

/** Milliseconds from tap to answer of ops that were tapped in a stretch of time and granted by a lane. */
export function answerTimes(phones: readonly Buyer[], fromMs: number, toMs: number): number[] {
  return phones.flatMap(({ receipts }) =>
    [...receipts.values()]
      .filter(({ tap, code }) => code === null && tap.atMs >= fromMs && tap.atMs < toMs)
      .map(({ ms }) => ms),
  );
}
