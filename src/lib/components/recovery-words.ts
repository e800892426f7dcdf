/** Result of a drill in words. */
import type { DrillKind, Recovery } from '#lib/domain/events.ts';
import { count, millis } from './format.ts';

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

/** Fewest clients for a p95. */
export const P95_NEEDS = 20;

/** A number with its noun. */
export function counted(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Everything that the picture shows, in a few sentences. */
export function recoverySummary(view: RecoveryView): string {
  return view.kind === 'sleep' ? sleepSummary(view) : dropSummary(view);
}

/** What the time away was made of, as medians. */
export function partsWords(parts: { waitedMs: number; ms: number }): string {
  return `${millis(parts.waitedMs)} ms until the first retry, ${millis(parts.ms)} ms from there`;
}

function dropSummary({ sockets, back, clients, ms, parts, missing }: RecoveryView): string {
  const cut = `Drill: ${counted(sockets, 'connection', 'connections')} cut, ${count(back)} back.`;
  if (!ms || !parts) return cut;
  const by = counted(clients.length, 'client', 'clients');
  return `${cut} From the cut, measured by ${by}: ${millis(ms.p50)} ms median (${partsWords(parts)}), ${millis(ms.max)} ms slowest, ${missingWords(missing)}.`;
}

function sleepSummary({ sockets, ms, missing, lives }: RecoveryView): string {
  if (!ms || !lives) return 'Drill: the room is asked after a silence.';
  const kept = `${counted(sockets, 'connection', 'connections')} survived`;
  return `Drill: the room slept, and woke in ${millis(ms.max)} ms to life ${lives.after}. ${kept}, ${missingWords(missing)}.`;
}

function missingWords(missing: number): string {
  return `${counted(missing, 'event', 'events')} missing`;
}
