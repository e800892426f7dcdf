/** The verdict on a room after a fault: what clients were told, held against the log, the audit and the database. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { startAudit } from '#lib/domain/audit.ts';
import type { ClientHistory } from '#lib/domain/audit-claims.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Show } from './crowd.ts';
import type { Phone } from './phone.ts';
import { until } from './until.ts';

/** What was compared. */
export interface Verdict {
  events: RoomEvent[];
  /** Allocations that clients were told of; of these, those that the log does not have; and those that only the log has. */
  acknowledged: number;
  lost: number;
  doubled: number;
  /** Ops that were refused. */
  refused: number;
  /** Events of the log that clients hold the hash of, over all clients. */
  compared: number;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const CAUGHT_UP_WITHIN_MS = 5_000;

/** The room's log as anybody can export it. */
export async function readLog({ site, token }: Show, skuId: string): Promise<RoomEvent[]> {
  const answer = await fetch(`${site.url}/api/demo/log?skuId=${skuId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status, 'the log can be exported').toBe(200);
  const lines = (await answer.text()).trim().split('\n');
  return lines.slice(1, -1).map((line) => JSON.parse(line) as RoomEvent);
}

/** The room's state as HTTP tells it. */
export async function readState({ site, token }: Show, skuId: string): Promise<RoomState> {
  return site.call(`/demo/state?skuId=${skuId}`, { token }) as Promise<RoomState>;
}

/**
 * Holds a room to all of its promises. Every op of `phones` must have its final answer, and only they may have bought;
 * those that are connected are waited for until they have seen everything.
 */
export async function judge(show: Show, skuId: string, phones: readonly Phone[]): Promise<Verdict> {
  const { seq } = await readState(show, skuId);
  const behind = () => phones.filter((phone) => phone.open && phone.stream.seq < seq).length;
  await until(
    () => behind() === 0,
    CAUGHT_UP_WITHIN_MS,
    () => `${behind()} clients have not seen event ${seq}`,
  );
  // The room may still tell what it costs to be asked: what had been seen until now must be in the log.
  const seen = phones.map(({ stream }) => stream.seq);
  const events = await readLog(show, skuId);

  expect(
    phones.flatMap(({ broken }) => broken),
    'what clients saw is what was promised',
  ).toEqual([]);
  const compared = phones.reduce((sum, phone, index) => sum + compareStream(phone, seen[index]!, events), 0);
  const books = compareReceipts(phones, events);
  const receipts = phones.flatMap((phone) => [...phone.receipts.values()]);
  await compareAudits(show, skuId, phones, events);
  return { events, ...books, refused: receipts.filter(({ code }) => code !== null).length, compared };
}

/** Everything that a client was shown until `seen` stands in the log, with that hash; a stage was shown everything. */
function compareStream({ stream, options }: Phone, seen: number, events: readonly RoomEvent[]): number {
  const told = [...stream.hashes, ...stream.heads].filter(([seq]) => seq <= seen);
  const other = told.filter(([seq, hash]) => events[seq - 1]?.hash !== hash);
  expect(other, `events that ${options.label} saw and the log does not have`).toEqual([]);
  if (options.role === 'presenter' && stream.snapshots === 0 && stream.hashes.size > 0) {
    const first = Math.min(...stream.hashes.keys());
    expect(stream.hashes.size, 'a stage sees every event').toBe(stream.seq - first + 1);
  }
  return told.length;
}

/** Everything that was acknowledged stands in the log, once, and nothing else does. */
function compareReceipts(phones: readonly Phone[], events: readonly RoomEvent[]) {
  // Simulated shoppers hold no receipts; the audit alone looks at theirs.
  const allocations = events.filter(
    (event): event is EventOf<'allocated'> => event.kind === 'allocated' && event.body.sim !== true,
  );
  const inLog = allocations.map(
    ({ seq, epoch, body: { lane, op, who, units } }) => `${epoch}/${seq} ${lane} ${op} ${units} to ${who}`,
  );
  const told = phones.flatMap((phone) =>
    phone
      .granted()
      .map(
        ({ epoch, seq, lane, op, units }) =>
          `${epoch}/${seq} ${lane} ${op} ${units} to ${phone.options.label}`,
      ),
  );
  const logged = new Set(inLog);
  const known = new Set(told);
  const lost = told.filter((line) => !logged.has(line));
  const doubled = inLog.filter((line) => !known.has(line));
  expect(lost, 'acknowledged and lost').toEqual([]);
  expect(doubled, 'done and never acknowledged, or done twice').toEqual([]);
  return { acknowledged: told.length, lost: lost.length, doubled: doubled.length };
}

/** The room's own audit with its database, and one made here from the exported log and the clients' histories. */
async function compareAudits(
  { site, token }: Show,
  skuId: string,
  phones: readonly Phone[],
  events: readonly RoomEvent[],
): Promise<void> {
  const own = (await site.call(`/demo/audit?skuId=${skuId}`, { token })) as AuditResult;
  expect(
    own.checks.filter(({ ok }) => !ok),
    "the room's own audit",
  ).toEqual([]);
  const audit = startAudit({ sha256 });
  for (const event of events) audit.take(event);
  const outside = audit.finish({ histories: phones.flatMap(historyOf) });
  expect(
    outside.checks.filter(({ ok }) => !ok),
    'the audit of the exported log',
  ).toEqual([]);
}

function historyOf(phone: Phone): ClientHistory[] {
  return phone.granted().flatMap(({ op, lane, seq, units }) => {
    const receipt = phone.receipts.get(op);
    if (!receipt) return [];
    return [{ op, lane, seq, units, sentAtOrder: receipt.tap.order, answeredAtOrder: receipt.order }];
  });
}
