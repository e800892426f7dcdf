/**
 * What a room on the platform would have metered for what a rehearsal did: each thing once, as the live room counts it when
 * it is alone in its commits, which is the dearest way. Nothing was metered, so screens say SIMULATED.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';

/** A message on a socket. */
export const MESSAGE: MeterCounts = { 'do.messageIn': 1 };
/** A call over HTTP, or a socket that comes in: the Worker, and the room that it asks. */
export const CALL: MeterCounts = { 'worker.request': 1, 'do.request': 1 };
/** A commit: a row of the log with its gauges, found by its key and written. */
export const COMMIT: MeterCounts = { 'do.rowRead': 1, 'do.rowWritten': 1 };
/** An op that waits for its lane: the row that says so, and its removal. */
export const PENDING: MeterCounts = { 'do.rowWritten': 2 };
/** The eventual lane's reading. */
export const READING: MeterCounts = { 'd1.rowRead': 1 };
/** Its blind write: the stock is found and written, the order is put beside it. */
export const WRITING: MeterCounts = { 'd1.rowRead': 1, 'd1.rowWritten': 2 };
/** The most that one op of both lanes costs: what the real-spend lock asks before it lets one in. */
export const OP_AT_MOST: MeterCounts = {
  'do.messageIn': 1,
  'do.rowRead': 2,
  'do.rowWritten': 5,
  'd1.rowRead': 2,
  'd1.rowWritten': 2,
};
/** A silent object hibernates after this long, so later time is not active, milliseconds (the platform in ARCHITECTURE.md). */
export const HIBERNATES_AFTER_MS = 10_000;
