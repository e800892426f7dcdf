/** What people read when they cannot get in, or are out: what happened, whether anything was bought, what to do. */
import { phrase } from '#lib/language/phrase.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { ApiFailure, FailureCode } from './api.ts';
import type { Connection } from './room-view.ts';
import { OUTDATED } from './room-view.ts';
import { secondsWords, spacedCode } from './words.ts';

/** A sentence or two that stand in the middle of a screen. */
export interface Message {
  title: string;
  text: string;
  /** True when doing the same again may work. */
  canRetry: boolean;
}

/** What may work when it is done again. */
const again = (title: string, text: string): Message => ({ title, text, canRetry: true });

/**
 * Why the room does not know a session. `cookies`: the browser keeps none; `left`: it was ended elsewhere in this browser; null:
 * that could not be found out.
 */
export type Unknown = 'cookies' | 'left' | null;

/** Why a phone is not, or no longer, in the room. Null while it is, or is coming back by itself. */
export function departureWords(connection: Connection, code: string, why: Unknown): Message | null {
  if (connection.kind === 'ended')
    return { ...ended(), text: `${ended().text} ${phrase('What you got stands below.')}` };
  if (connection.kind !== 'refused') return null;
  switch (connection.code) {
    case OUTDATED:
      return again(
        phrase('This page is older than the show'),
        phrase('Nothing was lost: reload the page to go on.'),
      );
    case CLOSE.unauthorized:
      return unknownSession(why);
    case CLOSE.unknown:
      return unknownShow(code);
    default:
      return again(
        phrase('The room did not let you in'),
        phrase('Nothing was bought. Join again with the code on the screen.'),
      );
  }
}

function unknownSession(why: Unknown): Message {
  if (why === 'cookies') {
    return again(
      phrase('This browser keeps no cookies'),
      phrase(
        'The show knows its guests by one cookie. This browser refused it, so you never got in, and nothing was bought. Allow cookies for this address, or open it in a window that is not private, then come back in.',
      ),
    );
  }
  if (why === 'left') {
    return again(
      phrase('You have left the show'),
      phrase(
        'That was in another tab of this browser, or its data was cleared. What you bought stays bought; you may come back under a new name.',
      ),
    );
  }
  return again(
    phrase('The room does not know you any more'),
    phrase('What you bought stays bought. Come back in; it may be under a new name.'),
  );
}

/** What a phone reads that left by itself. */
export const leftWords = (): Message =>
  again(
    phrase('You have left the show'),
    phrase(
      'What you bought stays bought. Your visit is over and its record deleted; you may come back under a new name.',
    ),
  );

/** Why somebody could not get in. */
export function entryWords(failure: ApiFailure, code: string): Message {
  const known = knownEntries()[failure.code];
  if (failure.code === 'UNKNOWN_SHOW' || failure.code === 'NOT_FOUND') return unknownShow(code);
  if (known) return known;
  const wait =
    failure.retryAfterMs === null ? '' : ` ${phrase(`Try again in ${secondsWords(failure.retryAfterMs)}.`)}`;
  if (failure.code === 'NOT_UNDERSTOOD') return inBetween(failure.status);
  if (failure.code === 'RATE_LIMITED') {
    return again(
      phrase('Too many tries'),
      `${phrase('This device, or its network, asked too often.')}${wait || ` ${phrase('Wait a minute, then try again.')}`}`,
    );
  }
  return again(phrase('That did not work'), `${failure.message}${wait}`);
}

/** Why a show could not be opened. Opening buys nothing, so only what happened and what to do is said. */
export function openingWords(failure: ApiFailure): Pick<Message, 'title' | 'text'> {
  switch (failure.code) {
    case 'INVALID_TOKEN':
    case 'UNAUTHORIZED':
    case 'FORBIDDEN':
      return {
        title: phrase('The sign-in was not accepted'),
        text: phrase(
          'Use the link or the token that the server printed when it started, or do the check once more.',
        ),
      };
    case 'MISSING_TOKEN':
      return {
        title: phrase('Sign in first'),
        text: phrase('Presenters need the token that the server printed.'),
      };
    case 'OFFLINE':
      return {
        title: phrase('No answer'),
        text: phrase('This device or the server has no network right now. Try again.'),
      };
    default: {
      const { title, text } = entryWords(failure, '');
      return { title, text };
    }
  }
}

const ended = (): Message => ({
  title: phrase('This show is over'),
  text: phrase('The presenter closed it, or its time ran out. Nothing is sold any more.'),
  canRetry: false,
});

/** What is said of failures that have their own words. */
function knownEntries(): Partial<Record<FailureCode, Message>> {
  return {
    SHOW_ENDED: ended(),
    SHOW_FULL: again(
      phrase('The show is full'),
      phrase('Nobody else fits in right now. Watch the big screen, or try again when somebody has left.'),
    ),
    OFFLINE: again(
      phrase('No answer'),
      phrase(
        'This device or the show has no network right now. Nothing was bought. Check the Wi-Fi and try again.',
      ),
    ),
    STORAGE_UNAVAILABLE: again(
      phrase('Nobody can join right now'),
      phrase(
        'The place where sessions are kept does not answer. Those inside are not affected. Try again in a moment.',
      ),
    ),
    TURNSTILE_UNAVAILABLE: again(
      phrase('The check does not answer'),
      phrase('The check for robots could not be asked. Nothing was bought. Try again in a moment.'),
    ),
    INVALID_TOKEN: again(
      phrase('The check said no'),
      phrase('The check for robots, or the sign-in token, was not accepted. Do it once more.'),
    ),
  };
}

/** Something else than the show answered. */
function inBetween(status: number): Message {
  return status >= 500
    ? again(
        phrase('The show does not answer'),
        phrase(
          `A server in between answered instead (status ${status}). Nothing was bought. Try again in a moment.`,
        ),
      )
    : again(
        phrase('This network stands in between'),
        phrase(
          'Something else answered in place of the show, mostly the sign-in page of a Wi-Fi. Nothing was bought. Open any other page and sign in there, or use mobile data; then try again.',
        ),
      );
}

function unknownShow(code: string): Message {
  return {
    title: phrase(`No show has the code ${spacedCode(code)}`),
    text: phrase('Compare it with the one on the screen: no zero, no O, no one, no I, no L.'),
    canRetry: false,
  };
}
