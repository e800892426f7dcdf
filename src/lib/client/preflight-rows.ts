/** What the pre-flight check found, judged: a row for each thing a show needs, green, or with a fix in words. */
import { phrase } from '#lib/language/phrase.ts';
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

/** All rows, in the order in which they are fixed. */
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
      title: phrase('The site'),
      rows: [
        row('server', phrase('Server'), serverOf(found)),
        row(
          'database',
          phrase('Database (D1)'),
          storeOf(found, 'database', phrase('the eventual lane races on it')),
        ),
        row(
          'sessions',
          phrase('Sessions (KV)'),
          storeOf(found, 'sessions', phrase('nobody new can join without it')),
        ),
        row('room', phrase('Room (Durable Object)'), roomOf(found)),
        row('analytics', phrase('Analytics Engine'), analyticsOf(found)),
        row('gate', phrase('Check for robots (Turnstile)'), gateOf(found)),
      ],
    },
    {
      title: phrase('This device'),
      rows: [
        row('socket', phrase('Live connection'), socketOf(found)),
        row('latency', phrase('Latency to here'), latencyOf(found)),
        row('clock', phrase('Clock'), clockOf(found)),
        row('awake', phrase('Stays awake'), awakeOf(found)),
        row('full', phrase('Full screen'), fullOf(found)),
      ],
    },
    {
      title: phrase('The room'),
      rows: [
        row('size', phrase('Screen'), screenOf(found)),
        row('projector', phrase('Projector'), projectorOf(found)),
        row('address', phrase('Address for phones'), addressOf(found)),
        row('phones', phrase('Phones joined'), phonesOf(found)),
        row('time', phrase('Time left'), timeOf(found)),
      ],
    },
  ];
}

/** The whole in one sentence: how many rows need somebody, and whether all have been looked at. */
export function preflightSummary(groups: readonly PreflightGroup[]): { verdict: Verdict; words: string } {
  const rows = groups.flatMap((group) => group.rows);
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  if (count('waiting') > 0) return { verdict: 'waiting', words: phrase('Looking…') };
  const [bad, look] = [count('bad'), count('look')];
  if (bad === 1) return { verdict: 'bad', words: phrase('1 thing to fix before the show') };
  if (bad > 0) return { verdict: 'bad', words: phrase(`${bad} things to fix before the show`) };
  if (look === 1) return { verdict: 'look', words: phrase('Ready, with 1 thing to look at') };
  if (look > 0) return { verdict: 'look', words: phrase(`Ready, with ${look} things to look at`) };
  return { verdict: 'good', words: phrase('Ready for the show') };
}
