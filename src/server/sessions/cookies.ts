/**
 * Cookies that carry a browser's sessions: one per role, since one browser may be the stage and a phone at once.
 * On https the name has the `__Host-` prefix and the cookie is `Secure`. On plain http it is neither (browsers would
 * not store it), and the port is part of the name, because cookies are shared by all ports of a host, and two shows may
 * run on one machine.
 */
import type { Role } from '#lib/protocol/http.ts';

/** Name of the cookie of a role on the site of this address. */
export function cookieName(url: URL, role: Role): string {
  if (url.protocol === 'https:') return `__Host-rgl_${role}`;
  return url.port ? `rgl_${role}_${url.port}` : `rgl_${role}`;
}

/** `Set-Cookie` for a token that is valid for `maxAgeMs` more; 0 removes the cookie. */
export function setCookie(url: URL, role: Role, token: string, maxAgeMs: number): string {
  const maxAge = Math.max(0, Math.ceil(maxAgeMs / 1_000));
  const secure = url.protocol === 'https:' ? '; Secure' : '';
  return `${cookieName(url, role)}=${token}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

/** The token in a role's cookie of a request, or null. */
export function readCookie(request: Request, role: Role): string | null {
  const start = `${cookieName(new URL(request.url), role)}=`;
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length) || null;
}
