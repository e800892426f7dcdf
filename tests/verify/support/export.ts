/** A log as a room exports it: bytes of NDJSON, made from events. */
import type { RoomEvent } from '#lib/domain/events.ts';
import { GENESIS } from '#lib/domain/facts.ts';
import { canonicalJson, withoutHash } from '#lib/domain/log.ts';
import { versionOf } from '#lib/protocol/version.ts';

/** One event as its line stands in the file, without the line break. */
export function lineOf(event: RoomEvent): string {
  return `${canonicalJson(withoutHash(event)).slice(0, -1)},"hash":"${event.hash}"}`;
}

/** The header line that a room writes above these events. */
export function headerOf(events: readonly RoomEvent[]): string {
  const opened = events[0];
  if (opened?.kind !== 'opened') throw new Error('A log begins with its opening.');
  const { show, sku, lanes, config, prices, pricesReadOn } = opened.body;
  return JSON.stringify({
    format: 'revenue-guard-log',
    formatVersion: 1,
    protocolVersion: versionOf(lanes),
    show,
    sku,
    config,
    prices,
    pricesReadOn,
    exportedAtMs: (events.at(-1)?.atMs ?? 0) + 1,
  });
}

/** Every line of the file: the header, the events, the head. */
export function exportLines(events: readonly RoomEvent[]): string[] {
  const last = events.at(-1);
  const head = JSON.stringify({ head: last?.hash ?? GENESIS, seq: last?.seq ?? 0 });
  return [headerOf(events), ...events.map(lineOf), head];
}

/** The file that these lines make. */
export function fileOf(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}
