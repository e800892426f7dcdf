/**
 * The address that a presenter's second device scans: its secret stands behind `#`, which browsers never send, and leaves the
 * address bar before anybody can read it.
 */
const NAME = 'pair';

/** The address, on the site that this page came from. */
export function pairingUrl(origin: string, show: string, secret: string): string {
  return `${origin}/control/${show}#${NAME}=${secret}`;
}

/** Takes the secret out of the address bar and of the history's present entry. Null when there is none. */
export function takePairingSecret(
  place: Pick<Location, 'hash' | 'pathname' | 'search'>,
  past: Pick<History, 'state' | 'replaceState'>,
): string | null {
  const secret = new URLSearchParams(place.hash.replace(/^#/, '')).get(NAME);
  if (secret !== null) past.replaceState(past.state, '', `${place.pathname}${place.search}`);
  return secret === null ? null : secret.trim();
}

/** True for a host that no other device can reach: a code with this address works on this computer only. */
export function isOwnMachine(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
