/** Makes the files that the page offers. */
import { hasForm } from '#lib/domain/audit-form.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { SeriesCsv } from '#lib/summary/series-csv.ts';
import type { Separator } from '#lib/summary/series-csv.ts';

/** Lines that are parsed in one go, so that a log of 100,000 does not freeze the page. */
const LINES_AT_ONCE = 4_000;
/** The events of a log one by one, yielding to the page in between. Throws on a line that is no event. */
export async function* eventsOf(log: Blob): AsyncGenerator<RoomEvent> {
  const lines = (await log.text()).trimEnd().split('\n');
  // The first line is the header, the last one the head.
  for (let at = 1; at < lines.length - 1; at += 1) {
    const json: unknown = JSON.parse(lines[at] ?? '');
    if (!hasForm(json)) throw new Error(`line ${at + 1} of the log is no event`);
    yield json;
    if (at % LINES_AT_ONCE === 0) await new Promise((free) => setTimeout(free));
  }
}

/** Tells a spreadsheet that the file is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/** The CSV of a log (docs/summary.md). */
export async function csvOf(log: Blob, separator: Separator): Promise<Blob> {
  const table = new SeriesCsv(separator);
  const parts = [BYTE_ORDER_MARK, table.header];
  for await (const event of eventsOf(log)) parts.push(table.take(event));
  return new Blob(parts, { type: 'text/csv;charset=utf-8' });
}

/** A canvas as a file. Rejects when the browser cannot make one. */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('this browser made no picture')))),
  );
}
