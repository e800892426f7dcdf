/** Files that the page makes and hands over, and the pictures among them. */
import { hasForm } from '#lib/domain/audit-form.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { SeriesCsv } from '#lib/summary/series-csv.ts';
import type { Separator } from '#lib/summary/series-csv.ts';

/** Lines between which the page breathes: a log of 100,000 must not freeze it. */
const LINES_AT_ONCE = 4_000;
/** A file is fetched from its address a moment after the click; it is kept this long, milliseconds. */
const ADDRESS_KEPT_MS = 60_000;

/** Hands a file to the person. */
export function handOver(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), ADDRESS_KEPT_MS);
}

/** The events of a log, one by one, in pieces between which the page stays free. Throws on a line that holds none. */
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

/** Without it a spreadsheet takes a name's letters for those of an old code page. */
const BYTE_ORDER_MARK = '\ufeff';

/** The table of a log (docs/summary.md). */
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
