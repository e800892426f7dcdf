/** Words of a show's summary that stand in several places. */
import { codeGroups } from '#lib/components/format.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';

/** A moment as people write it, in this device's own time. */
export function moment(atMs: number): string {
  return new Date(atMs).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** Of which show, and when: for pictures and paper, which travel without their page. */
export function showLine({ show, status, asOfMs, endedAtMs }: ShowSummary): string {
  const when =
    status === 'ended' && endedAtMs !== null
      ? `ended ${moment(endedAtMs)}`
      : `still running, as of ${moment(asOfMs)}`;
  return `Show ${codeGroups(show).join(' ')} · ${when} · Revenue Guard Live`;
}
