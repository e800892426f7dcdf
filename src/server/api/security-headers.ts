/**
 * Headers that keep other sites out of every answer of the Worker: pages, API, errors, redirects. They stand here alone;
 * files that the platform serves by itself get theirs from `_headers`.
 */
import { isLoopback } from '../origins.ts';

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};
/** Nobody else's page has this site in a frame, nor loads anything of it. */
const ALONE = { 'x-frame-options': 'DENY', 'cross-origin-resource-policy': 'same-origin' };
/** But the pages that are made for that; their own policy says where (src/hooks.server.ts). */
const EMBEDS = '/embed/';
const FRAMED = { 'cross-origin-resource-policy': 'cross-origin' };
/** For answers that are no pages: they load nothing, and stand in no frame. Pages bring their own policy. */
const NO_PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A year. Without subdomains, which are not this site's. */
const TRANSPORT_SECURITY = 'max-age=31536000';

/** The same answer with the headers that its address asks for. A socket's answer has none. */
export function withSecurityHeaders(url: URL, response: Response): Response {
  if (response.webSocket) return response;
  const secured = new Response(response.body, response);
  const { headers } = secured;
  const others = url.pathname.startsWith(EMBEDS) ? FRAMED : ALONE;
  for (const [name, value] of Object.entries({ ...ALWAYS, ...others })) headers.set(name, value);
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', NO_PAGE_POLICY);
  // The framework marks even a missing immutable file as cacheable for a year; an error must not be cached.
  if (secured.status >= 400) headers.set('cache-control', 'no-store');
  if (url.protocol === 'https:') secureTransport(url, headers);
  return secured;
}

/**
 * Browsers ignore both on plain http, as in a local network, and complain of the opener policy on every phone. A local
 * https server must not teach the browser that everything else on this machine's localhost is https too.
 */
function secureTransport(url: URL, headers: Headers): void {
  headers.set('cross-origin-opener-policy', 'same-origin');
  if (!isLoopback(url.hostname)) headers.set('strict-transport-security', TRANSPORT_SECURITY);
}
