/** What the pre-flight check found, judged: a row for each thing a show needs, green, or with a fix in words. */
import { awakeOf, clockOf, fullOf, latencyOf, socketOf } from './preflight-device.ts';
import type { Judged, PreflightFindings, Verdict } from './preflight-findings.ts';
import { addressOf, phonesOf, projectorOf, screenOf, timeOf } from './preflight-hall.ts';
import { analyticsOf, gateOf, roomOf, serverOf, storeOf } from './preflight-site.ts';

/** One line of the check. */
export interface PreflightRow {
  id: string;
  title: string;
  verdict: Verdict;
  /** What was measured, in words. */
  found: string;
  /** What to do about it; empty where nothing is to be done. */
  fix: string;
}

/** Rows that belong together. */
export interface PreflightGroup {
  title: string;
  rows: PreflightRow[];
}

/** All rows, in the order in which they are mended. */
export function preflightGroups(found: PreflightFindings): PreflightGroup[] {
  const row = (id: string, title: string, { verdict, found: words, fix = '' }: Judged): PreflightRow => ({
    id,
    title,
    verdict,
    found: words,
    fix,
  });
  return [
    {
      title: 'The site',
      rows: [
        row('server', 'Server', serverOf(found)),
        row('database', 'Database (D1)', storeOf(found, 'database', 'the eventual lane races on it')),
        row('sessions', 'Sessions (KV)', storeOf(found, 'sessions', 'nobody new can join without it')),
        row('room', 'Room (Durable Object)', roomOf(found)),
        row('analytics', 'Analytics Engine', analyticsOf(found)),
        row('gate', 'Check for robots (Turnstile)', gateOf(found)),
      ],
    },
    {
      title: 'This device',
      rows: [
        row('socket', 'Live connection', socketOf(found)),
        row('latency', 'Latency to here', latencyOf(found)),
        row('clock', 'Clock', clockOf(found)),
        row('awake', 'Stays awake', awakeOf(found)),
        row('full', 'Full screen', fullOf(found)),
      ],
    },
    {
      title: 'The room',
      rows: [
        row('size', 'Screen', screenOf(found)),
        row('projector', 'Projector', projectorOf(found)),
        row('address', 'Address for phones', addressOf(found)),
        row('phones', 'Phones joined', phonesOf(found)),
        row('time', 'Time left', timeOf(found)),
      ],
    },
  ];
}

/** The whole in one sentence: how many rows need somebody, and whether all have been looked at. */
export function preflightSummary(groups: readonly PreflightGroup[]): { verdict: Verdict; words: string } {
  const rows = groups.flatMap((group) => group.rows);
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  if (count('waiting') > 0) return { verdict: 'waiting', words: 'Looking…' };
  const [bad, look] = [count('bad'), count('look')];
  const things = (n: number) => (n === 1 ? '1 thing' : `${n} things`);
  if (bad > 0) return { verdict: 'bad', words: `${things(bad)} to fix before the show` };
  if (look > 0) return { verdict: 'look', words: `Ready, with ${things(look)} to look at` };
  return { verdict: 'good', words: 'Ready for the show' };
}
