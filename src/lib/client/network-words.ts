/** What people read of a network that stands between their device and the show: what it does, and what to do about it. */
import { unreachable } from '#lib/domain/assert.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Network } from './network.ts';

/** What stands between a device and its show; empty when nothing does. */
export function networkWords(found: Network): string {
  if (found === null) return '';
  switch (found.is) {
    case 'blocked':
      return phrase(
        'This network lets pages through, but no live connection (WebSocket). Nothing is bought meanwhile. Use mobile data, or another Wi-Fi.',
      );
    case 'portal':
      return phrase(
        'Something else answers in place of the show, mostly the sign-in page of a Wi-Fi. Nothing is bought meanwhile. Sign in there, or use mobile data.',
      );
    case 'room':
      return phrase(
        'The show answers, but cannot serve anybody right now. Nothing is bought meanwhile. It is tried again by itself.',
      );
    case 'between':
      return found.status < 500
        ? phrase(
            `A proxy of this network wants a sign-in first (status ${found.status}). Nothing is bought meanwhile. Sign in there, or use mobile data.`,
          )
        : phrase(
            `A server in between answers that it does not reach the show (status ${found.status}). Nothing is bought meanwhile. It is tried again by itself; mobile data may help.`,
          );
    default:
      return unreachable(found);
  }
}

/** What a phone reads while it has to do without a live connection. */
export function callsWords(): string {
  return phrase(
    'This network blocks live connections: your taps are sent one by one; figures are up to 2 s old. Guesses and practice taps are not sent, and receipts wait for their hash: mobile data has all of it.',
  );
}
