/** The presenter's sign-in link: a token behind `#`, which browsers never send. It leaves the address bar before anybody can read it. */

const NAME = 'signin';

/** The token of an address's fragment; null when it has none. */
export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get(NAME);
  return token ? token.trim() : null;
}

/** Takes the token out of the address bar and of the history's present entry. Null when there is none. */
export function takeSignInToken(
  place: Pick<Location, 'hash' | 'pathname' | 'search'>,
  past: Pick<History, 'state' | 'replaceState'>,
): string | null {
  const token = tokenOf(place.hash);
  if (token !== null) past.replaceState(past.state, '', `${place.pathname}${place.search}`);
  return token;
}
