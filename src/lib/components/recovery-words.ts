/** Result of a drill in words. */
import type { DrillKind, Recovery } from '#lib/domain/events.ts';
import { awayMs, PROMISED_MS } from '#lib/domain/recovery.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count, millis, withPoint } from './format.ts';

/** A drill as it is drawn. Durations in milliseconds, as clients measured them. */
export interface RecoveryView {
  kind: DrillKind;
  /** Connections that were cut, or that a sleeping room had kept; and how many of them are there again. */
  sockets: number;
  back: number;
  /** In the order in which they came back. */
  clients: readonly Recovery[];
  /** From the cut, or the question, until each client was answered; null before the first report. */
  ms: { p50: number; p95: number; max: number } | null;
  /** Medians of its parts: until the first retry, and from there on. */
  parts: { waitedMs: number; ms: number } | null;
  /** Events that clients missed. */
  missing: number;
  /** Of a sleep: numbers of the room's lives. */
  lives: { before: number; after: number } | null;
}

/** Who came back how, in numbers of connections. */
export interface Returns {
  /** Measured from the cut and within the promised second; later than that. */
  within: number;
  late: number;
  /** Back by the room's own count, without a measurement of their own. */
  unmeasured: number;
  /** Not back yet. */
  away: number;
}

/** Sorts a drill's connections by how they came back. */
export function returnsOf({ kind, sockets, back, clients }: RecoveryView): Returns {
  const late = clients.filter((client) => awayMs(kind, client) > PROMISED_MS).length;
  return {
    within: clients.length - late,
    late,
    unmeasured: Math.max(0, back - clients.length),
    away: Math.max(0, sockets - Math.max(back, clients.length)),
  };
}

/** A duration in seconds, rounded up: 1,004 ms are not `1.00 s`, which would be within a second. */
export function seconds(ms: number): string {
  return `${withPoint((Math.ceil(ms / 10) / 100).toFixed(2))}\u00a0s`;
}

/** A number of connections. */
export function connectionsWords(n: number): string {
  return n === 1 ? phrase('1 connection') : phrase(`${count(n)} connections`);
}

/** Everything that the picture shows, in a few sentences. */
export function recoverySummary(view: RecoveryView): string {
  return view.kind === 'sleep' ? sleepSummary(view) : dropSummary(view);
}

/** What the time away was made of, as medians. */
export function partsWords(parts: { waitedMs: number; ms: number }): string {
  return phrase(
    `${millis(parts.waitedMs)}\u00a0ms until the first retry, ${millis(parts.ms)}\u00a0ms from there`,
  );
}

function dropSummary({ sockets, back, clients, ms, parts, missing }: RecoveryView): string {
  const cut = phrase(`Drill: ${connectionsWords(sockets)} cut, ${count(back)} back.`);
  if (!ms || !parts) return cut;
  const by = clients.length === 1 ? phrase('1 client') : phrase(`${count(clients.length)} clients`);
  return phrase(
    `${cut} From the cut, measured by ${by}: ${millis(ms.p50)} ms median (${partsWords(parts)}), ${millis(ms.max)} ms slowest, ${missingWords(missing)}.`,
  );
}

function sleepSummary({ sockets, ms, missing, lives }: RecoveryView): string {
  if (!ms || !lives) return phrase('Drill: the room is asked after a silence.');
  const kept = phrase(`${connectionsWords(sockets)} survived`);
  return phrase(
    `Drill: the room slept, and woke in ${millis(ms.max)} ms to life ${lives.after}. ${kept}, ${missingWords(missing)}.`,
  );
}

function missingWords(missing: number): string {
  return missing === 1 ? phrase('1 event missing') : phrase(`${count(missing)} events missing`);
}
