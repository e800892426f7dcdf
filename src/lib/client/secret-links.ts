/**
 * Addresses with a secret in them: it stands behind `#`, which browsers never send, and leaves the address bar before anybody
 * can read it. One is scanned by a presenter's second device; the other is a sign-in link, whose token this tab alone
 * remembers, so that the page may be loaded again, until it has been used. A third stands in a frame of somebody's slides, which no
 * address bar shows; it stays, because slides are loaded again.
 */
import type { Language } from '#lib/language/language.ts';
import { LANGUAGE_PARAMETER } from '#lib/language/stage-choice.ts';
import type { Store } from './surroundings.ts';

const PAIRING = 'pair';
const SIGN_IN = 'signin';
const READ = 'read';
/** Where a tab keeps the token of its sign-in link. */
const PLACE = 'rgl.signin';

type Place = Pick<Location, 'hash' | 'pathname' | 'search'>;
type Past = Pick<History, 'state' | 'replaceState'>;

/** The address for a second device, on the site that this page came from, with the language of the stage. */
export function pairingUrl(origin: string, show: string, secret: string, language: Language): string {
  return `${origin}/control/${show}?${LANGUAGE_PARAMETER}=${language}#${PAIRING}=${secret}`;
}

/** Takes a pairing secret out of the address bar and of the history's present entry. Null when there is none. */
export function takePairingSecret(place: Place, past: Past): string | null {
  return takeSecret(PAIRING, place, past);
}

/** Takes the token of a sign-in link in the same way, or what this tab kept of it. Null when there is none. */
export function takeSignInToken(place: Place, past: Past, tab: Store): string | null {
  const token = takeSecret(SIGN_IN, place, past);
  if (!token) return tab.getItem(PLACE);
  tab.setItem(PLACE, token);
  return token;
}

/** It was used, or is of no use: nothing of it stays. */
export function forgetSignInToken(tab: Store): void {
  tab.removeItem(PLACE);
}

/** The address of a picture for slides; `code` is the show's embed code. */
export function embedUrl(origin: string, show: string, picture: string, code: string): string {
  return `${origin}/embed/${show}/${picture}#${READ}=${code}`;
}

/** The embed code of an address; '' when it has none. */
export function embedCode({ hash }: Pick<Place, 'hash'>): string {
  return secretIn(READ, hash) ?? '';
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

function takeSecret(name: string, { hash, pathname, search }: Place, past: Past): string | null {
  const secret = secretIn(name, hash);
  if (secret !== null) past.replaceState(past.state, '', `${pathname}${search}`);
  return secret;
}

function secretIn(name: string, hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get(name)?.trim() ?? null;
}
