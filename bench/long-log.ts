/**
 * `node bench/long-log.ts 100000 > show.ndjson`: a valid log of at least this many events, for timing `npm run verify` and
 * the page. The same number gives the same bytes.
 */
import { once } from 'node:events';
import { exportLines } from '../tests/verify/support/export.ts';
import { longLog } from '../tests/verify/support/long-log.ts';

/** Lines joined into one write. */
const LINES_AT_ONCE = 10_000;

const events = Number(process.argv[2] ?? 100_000);
if (!Number.isInteger(events) || events < 1) throw new Error('How many events? A whole number above 0.');
const lines = exportLines(longLog(events));
for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
  const more = process.stdout.write(`${lines.slice(at, at + LINES_AT_ONCE).join('\n')}\n`);
  if (!more) await once(process.stdout, 'drain');
}
