/** What a drill came to, in words and figures. */
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
  /** Of the clients' ways back; null before the first report. */
  ms: { p50: number; p95: number; max: number } | null;
  /** Events that clients were not told. */
  missing: number;
  /** Of a sleep: numbers of the room's lives. */
  lives: { before: number; after: number } | null;
}

/** The promise that every way back is held against, milliseconds. */
export const PROMISED_MS = 1_000;

/** Below this many the slowest twentieth is one client or none. */
export const P95_NEEDS = 20;

/** A number with its noun. */
export function counted(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Everything that the picture shows, in a few sentences. */
export function recoverySummary(view: RecoveryView): string {
  return view.kind === 'sleep' ? sleepSummary(view) : dropSummary(view);
}

function dropSummary({ sockets, back, clients, ms, missing }: RecoveryView): string {
  const cut = `Drill: ${counted(sockets, 'connection', 'connections')} cut, ${count(back)} back.`;
  if (!ms) return cut;
  const by = counted(clients.length, 'client', 'clients');
  return `${cut} Measured by ${by}: ${millis(ms.p50)} ms median, ${millis(ms.max)} ms slowest, ${missingWords(missing)}.`;
}

function sleepSummary({ sockets, ms, missing, lives }: RecoveryView): string {
  if (!ms || !lives) return 'Drill: the room is asked after a silence.';
  const kept = `${counted(sockets, 'connection', 'connections')} survived`;
  return `Drill: the room slept, and woke in ${millis(ms.max)} ms to life ${lives.after}. ${kept}, ${missingWords(missing)}.`;
}

function missingWords(missing: number): string {
  return `${counted(missing, 'event', 'events')} missing`;
}
