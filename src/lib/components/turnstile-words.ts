/** What people read when the check for robots did not work: what happened, and what may help. */
import type { CheckFailure } from './turnstile-check.ts';

/** A sentence or two for each way to fail. */
export const FAILURE_WORDS: Record<CheckFailure, string> = {
  unreachable:
    'The check for robots did not load: it comes from Cloudflare, and that could not be reached from this network.',
  silent: 'The check for robots loaded, and then said nothing. The network may hold back a part of it.',
  misconfigured:
    'The check for robots is not set up for this address: whoever runs this site has to look at its site key.',
  clock: 'The check for robots found this device’s clock to be wrong. Set the time, then try again.',
  unsupported: 'This browser is too old for the check for robots. Try another one.',
  rejected: 'The check for robots could not tell. Try again; another browser or network may help.',
};
