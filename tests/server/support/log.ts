/** The exported log as anybody can take it home: parsed, and its chain followed with Node's own hash. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { GENESIS } from '#lib/domain/facts.ts';
import { hashOf, withoutHash } from '#lib/domain/log.ts';
import { Verifier } from '#lib/verify/verifier.ts';
import type { TestSite } from './site.ts';
import { requestFor } from './site.ts';

/** SHA-256 as lower-case hex, by Node. */
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A log as it was exported. */
export interface ExportedLog {
  header: Record<string, unknown>;
  lines: string[];
  events: RoomEvent[];
  last: { head: string; seq: number };
}

/** Exports a room's log and holds it to what every log is: dense, chained, ended by its head, and one that the verifier passes. */
export async function exportLog(site: TestSite, token: string, skuId = 'ticket'): Promise<ExportedLog> {
  const response = await site.send(requestFor(`/api/demo/log?skuId=${skuId}`, { token }));
  expect(response.status).toBe(200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const verifier = new Verifier({ sha256 });
  verifier.push(bytes);
  expect(verifier.finish().checks.filter(({ ok }) => !ok)).toEqual([]);
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const events = parsed.slice(1, -1) as unknown as RoomEvent[];
  let head = GENESIS;
  for (const [index, event] of events.entries()) {
    expect(event.seq).toBe(index + 1);
    expect(event.hash).toBe((head = hashOf(head, withoutHash(event), sha256)));
  }
  const last = parsed.at(-1) as unknown as ExportedLog['last'];
  expect(last).toEqual({ head, seq: events.length });
  return { header: parsed[0] ?? {}, lines: lines.slice(1, -1), events, last };
}
