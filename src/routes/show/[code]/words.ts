/** Words of a show's page: its time, and for readers who get no summary why, and what they can do. */
import type { ApiFailure } from '#lib/client/api.ts';
import { codeGroups } from '#lib/components/format.ts';
import { pageLanguage } from '#lib/components/page-language.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';

/** A time in words, in this device's time zone. */
export function moment(atMs: number): string {
  const language = pageLanguage();
  return new Date(atMs).toLocaleString(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
}

/** Names the show and its time, for pictures and print, which are seen without their page. */
export function showLine({ show, status, asOfMs, endedAtMs }: ShowSummary): string {
  const when =
    status === 'ended' && endedAtMs !== null
      ? phrase(`ended ${moment(endedAtMs)}`)
      : phrase(`still running, as of ${moment(asOfMs)}`);
  return phrase(`Show ${codeGroups(show).join(' ')} · ${when} · Revenue Guard Live`);
}

/** A sentence or two, and what to offer: join the show, try again, or type another code. */
export interface Why {
  title: string;
  text: string;
  way: 'join' | 'retry' | 'code';
}

/** Why there is no summary. `spoken` is the code in groups, null when what was `typed` cannot be a code. */
export function whyNone(
  spoken: string | null,
  typed: string,
  failure: Pick<ApiFailure, 'code' | 'message'> | null,
): Why {
  if (spoken === null) {
    return {
      title: phrase(`“${typed}” is not a code`),
      text: phrase('A code has six letters and digits. Type the one of the show that you were in.'),
      way: 'code',
    };
  }
  switch (failure?.code) {
    case 'UNKNOWN_SHOW':
      return {
        title: phrase('There is no such show'),
        text: phrase(
          `No show has the code ${spoken}, or it was forgotten, as every show is a day after its end. Letters are never I, L or O, and digits never 0 or 1.`,
        ),
        way: 'code',
      };
    case 'SHOW_ENDED':
      return {
        title: phrase('This show is gone'),
        text: phrase(
          `Show ${spoken} ended more than a day ago. Its figures and its log were forgotten, as promised; whoever took them home still has them.`,
        ),
        way: 'code',
      };
    case 'UNAUTHORIZED':
    case 'EXPIRED_SESSION':
    case 'FORBIDDEN':
      return {
        title: phrase('This show is still running'),
        text: phrase(
          'While it runs, its figures are for the people in it. Join it, or come back when it has ended: then the code is enough, for a day.',
        ),
        way: 'join',
      };
    default:
      return {
        title: phrase('It could not be read'),
        text: failure?.message ?? phrase('No answer came.'),
        way: 'retry',
      };
  }
}
