/** Words of a show's summary that several parts use. */
import { codeGroups } from '#lib/components/format.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';

/** A time in words, in this device's time zone. */
export function moment(atMs: number): string {
  return new Date(atMs).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** Names the show and its time, for pictures and print, which are seen without their page. */
export function showLine({ show, status, asOfMs, endedAtMs }: ShowSummary): string {
  const when =
    status === 'ended' && endedAtMs !== null
      ? `ended ${moment(endedAtMs)}`
      : `still running, as of ${moment(asOfMs)}`;
  return `Show ${codeGroups(show).join(' ')} · ${when} · Revenue Guard Live`;
}
