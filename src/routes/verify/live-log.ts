/** Fetches the log of a show: with any session of this browser in it, or for a day after its end with its code alone. */
import { createReader } from '#lib/client/presenter-api.ts';

/** The log, or a sentence that says why it cannot be had. */
export type LiveLog = { ok: true; log: Blob } | { ok: false; sentence: string };

/** Fetches the log of one product of a show. */
export async function fetchLiveLog(show: string, skuId: string): Promise<LiveLog> {
  const log = await createReader().log(show, skuId);
  if (log.ok) return { ok: true, log: log.data };
  const isStranger = ['UNAUTHORIZED', 'EXPIRED_SESSION', 'FORBIDDEN'].includes(log.code);
  const stranger = `Show ${show} is still running, and this browser is not in it: join it first, or take a file of its log.`;
  return { ok: false, sentence: isStranger ? stranger : log.message };
}
