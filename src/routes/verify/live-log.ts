/** The log of a show that this browser is, or was, in: fetched with its own session. */
import { createApi } from '#lib/client/api.ts';
import { lastShow } from '#lib/client/last-show.ts';

/** The log, or a sentence that says why there is none. */
export type LiveLog = { ok: true; log: Blob } | { ok: false; sentence: string };

/** Asks as whoever this browser is in the show: the presenter who opened it, or somebody in the audience. */
export async function fetchLiveLog(show: string, skuId: string): Promise<LiveLog> {
  const roles =
    lastShow() === show ? (['presenter', 'participant'] as const) : (['participant', 'presenter'] as const);
  let sentence = `This browser is not in show ${show}: join it first, or take a file of its log.`;
  for (const role of roles) {
    const api = createApi(role);
    const me = await api.me();
    if (!me.ok && me.code === 'OFFLINE') return { ok: false, sentence: me.message };
    if (!me.ok || me.data.show !== show) continue;
    const log = await api.log(skuId);
    if (log.ok) return { ok: true, log: log.data };
    sentence = log.message;
  }
  return { ok: false, sentence };
}
