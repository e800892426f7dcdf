/** Fetches the show behind the figures: its summary, and what is stored of this browser's session in it. */
import type { ApiFailure } from '#lib/client/api.ts';
import { createApi } from '#lib/client/api.ts';
import { createReader } from '#lib/client/presenter-api.ts';
import { presentedShow } from '#lib/client/last-show.ts';
import { spacedCode } from '#lib/client/words.ts';
import { phrase } from '#lib/language/phrase.ts';
import { readShowSummary } from '#lib/summary/show-summary.ts';
import type { GuideShow } from './figures.ts';

/** The show, or a sentence that says why it cannot be read. */
export type FetchedShow = { ok: true; show: GuideShow } | { ok: false; sentence: string };

/** Fetches a show with any session that this browser has in it; an ended show needs none. */
export async function fetchShow(code: string, fetcher?: typeof fetch): Promise<FetchedShow> {
  const answer = await createReader(fetcher).summary(code);
  if (!answer.ok) return { ok: false, sentence: wordsOf(code, answer) };
  const summary = readShowSummary(answer.data);
  if (!summary)
    return { ok: false, sentence: phrase('The answer is of another version of this page: load it again.') };
  // An ended show has no sessions.
  const kept = summary.status === 'live' ? await keptOf(code, fetcher) : null;
  return { ok: true, show: { summary, kept } };
}

/** Names of the fields that KV holds of this browser's session in the show; null when there is none. */
async function keptOf(code: string, fetcher?: typeof fetch): Promise<string[] | null> {
  const roles =
    presentedShow.code === code
      ? (['presenter', 'participant'] as const)
      : (['participant', 'presenter'] as const);
  for (const role of roles) {
    const me = await createApi(role, fetcher).me();
    if (me.ok && me.data.show === code && me.data.stored) return Object.keys(me.data.stored);
  }
  return null;
}

function wordsOf(code: string, { status, code: why, message }: ApiFailure): string {
  const show = spacedCode(code);
  if (why === 'UNKNOWN_SHOW')
    return phrase(
      `Show ${show} is not known here. Is the code right? A day after its end a show is forgotten.`,
    );
  if (why === 'SHOW_ENDED')
    return phrase(`Show ${show} ended more than a day ago, and its figures are no longer kept.`);
  if (status === 401 || status === 403) {
    return phrase(
      `Show ${show} is still running, and its figures are for those who are in it: join it, then read again.`,
    );
  }
  return message;
}
