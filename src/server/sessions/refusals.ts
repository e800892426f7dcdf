/** Refusals that several acts of a session share, in the same words. */
import type { Show } from '../storage/shows.ts';
import type { Refused } from './outcome.ts';
import { refused } from './outcome.ts';

/** What was given as a show's code cannot be one. */
export function invalidCode(): Refused {
  return refused('INVALID_REQUEST', 'show: the code of a show, six letters and digits.');
}

/** There is no such show, or it is over. */
export function whyNotLive(show: Show | null): Refused {
  return show
    ? refused('SHOW_ENDED', 'This show is over.')
    : refused('UNKNOWN_SHOW', 'There is no show with this code.');
}

/** The session has logged out, though its token would still be good. */
export function loggedOut(): Refused {
  return refused('UNAUTHORIZED', 'This session has logged out: sign in again.');
}
