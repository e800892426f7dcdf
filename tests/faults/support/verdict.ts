/** The verdict on a room after a fault: what clients were told, held against the log, the audit and the database. */
import { expect } from 'vitest';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { check } from '../checker/check.ts';
import type { Judgement } from '../checker/check.ts';
import type { Log, OrderRow, Told } from '../checker/evidence.ts';
import { readLog as parseLog } from '../checker/read.ts';
import type { Recorder } from '../checker/recorder.ts';
import type { Show } from './crowd.ts';
import { orderRows } from './order-rows.ts';
import type { StreamWatch } from './stream.ts';
import { until } from './until.ts';

/** What is looked at of each client. */
export interface Client {
  readonly open: boolean;
  readonly stream: StreamWatch;
  readonly history: Recorder;
  readonly broken: readonly string[];
}

/** What was compared, and the log that it was compared with. */
export interface Verdict extends Judgement {
  log: readonly Told[];
}

const CAUGHT_UP_WITHIN_MS = 5_000;
/** How many broken promises are shown: one is enough to fail, and a thousand say no more. */
const SHOWN = 10;

/** The room's log as anybody can export it. */
export async function readLog(show: Show, skuId: string): Promise<readonly Told[]> {
  return (await exported(show, skuId)).events;
}

/** The room's state as HTTP tells it. */
export async function readState({ site, token }: Show, skuId: string): Promise<RoomState> {
  return site.call(`/demo/state?skuId=${skuId}`, { token }) as Promise<RoomState>;
}

/**
 * Holds a room to all of its promises. Every op of `clients` must have its final answer, and only they may have bought;
 * those that are connected are waited for until they have seen everything.
 */
export async function judge(show: Show, skuId: string, clients: readonly Client[]): Promise<Verdict> {
  const { seq } = await readState(show, skuId);
  const behind = () => clients.filter((client) => client.open && client.stream.seq < seq).length;
  await until(
    () => behind() === 0,
    CAUGHT_UP_WITHIN_MS,
    () => `${behind()} clients have not seen event ${seq}`,
  );
  // The room may still tell what it costs to be asked: what had been told until now must be in the log.
  const histories = clients.map(({ history: { who, role, entries } }) => ({
    who,
    role,
    entries: [...entries],
  }));
  const log = await exported(show, skuId);
  expect(
    clients.flatMap(({ broken }) => broken),
    'what clients saw is what was promised',
  ).toEqual([]);
  const audit = (await show.site.call(`/demo/audit?skuId=${skuId}`, { token: show.token })) as AuditResult;
  expect(
    audit.checks.filter(({ ok }) => !ok),
    "the room's own audit",
  ).toEqual([]);
  const orders: OrderRow[] = orderRows(show.folder, show.code, skuId);
  const judgement = check({ log, histories, orders });
  expect(judgement.violations.slice(0, SHOWN), 'what the checker found').toEqual([]);
  return { ...judgement, log: log.events };
}

async function exported({ site, token }: Show, skuId: string): Promise<Log> {
  const answer = await fetch(`${site.url}/api/demo/log?skuId=${skuId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status, 'the log can be exported').toBe(200);
  return parseLog(await answer.text());
}
