/** Lines of the stored log: for those who missed some, and for those who take all of it home. */
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { RoomMemory } from './memory.ts';

/** Version of the exported file's form. */
const FORMAT_VERSION = 1;
/** Stored runs that are read at once: an export of any length holds no more than these in memory. */
const RUNS_AT_ONCE = 8;

/** Lines of the events after `seq`, up to and with `last`. */
export function linesBetween(tables: RoomTables, seq: number, last: number): string[] {
  if (seq >= last) return [];
  return tables
    .readLogAfter(seq, { last })
    .flatMap(({ firstSeq, lines }) =>
      lines.split('\n').filter((_, index) => firstSeq + index > seq && firstSeq + index <= last),
    );
}

/**
 * The whole log as NDJSON: a header, one line for each event, and the head that the last of them has. `ended` is called
 * once its reader has everything, or has gone.
 */
export function exportLog(
  tables: RoomTables,
  memory: RoomMemory,
  nowMs: number,
  ended: () => void = () => undefined,
): ReadableStream<Uint8Array> {
  const { seq: lastSeq, head } = memory.facts;
  const { show, sku, config } = memory.opening;
  const header = {
    format: 'revenue-guard-log',
    formatVersion: FORMAT_VERSION,
    protocolVersion: PROTOCOL_VERSION,
    show,
    sku,
    config,
    // As they stood when the room was opened: what this build has read since is not what the room counted with.
    prices: memory.facts.opened?.prices ?? pricesUsd(),
    pricesReadOn: memory.facts.opened?.pricesReadOn ?? PRICES_READ_ON,
    exportedAtMs: nowMs,
  };
  const encoder = new TextEncoder();
  let told = 0;
  const source: UnderlyingByteSource = {
    type: 'bytes',
    start: (controller) => controller.enqueue(encoder.encode(`${JSON.stringify(header)}\n`)),
    pull: (controller) => {
      const runs = tables.readLogAfter(told, { runs: RUNS_AT_ONCE });
      const lines = runs.flatMap(({ firstSeq, lines }) =>
        lines.split('\n').filter((_, index) => firstSeq + index > told && firstSeq + index <= lastSeq),
      );
      told += lines.length;
      if (lines.length > 0) controller.enqueue(encoder.encode(`${lines.join('\n')}\n`));
      if (told >= lastSeq || lines.length === 0) {
        controller.enqueue(encoder.encode(`${JSON.stringify({ head, seq: lastSeq })}\n`));
        controller.close();
        ended();
      }
    },
    cancel: ended,
  };
  return new ReadableStream(source);
}
