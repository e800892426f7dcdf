/** Sentences for failures of Turnstile: what happened, and what may help. */
import { phrase } from '#lib/language/phrase.ts';
import type { CheckFailure } from './turnstile-check.ts';

/** A sentence or two for a way to fail. */
export function failureWords(reason: CheckFailure): string {
  const words: Record<CheckFailure, string> = {
    unreachable: phrase(
      'The check for robots did not load: it comes from Cloudflare, and that could not be reached from this network.',
    ),
    silent: phrase(
      'The check for robots loaded, and then said nothing. The network may hold back a part of it.',
    ),
    misconfigured: phrase(
      'The check for robots is not set up for this address: whoever runs this site has to look at its site key.',
    ),
    clock: phrase(
      'The check for robots found this device’s clock to be wrong. Set the time, then try again.',
    ),
    unsupported: phrase('This browser is too old for the check for robots. Try another one.'),
    rejected: phrase('The check for robots could not tell. Try again; another browser or network may help.'),
  };
  return words[reason];
}
