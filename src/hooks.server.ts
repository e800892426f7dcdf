/** Headers of every page. The Content-Security-Policy is the framework's, with a nonce for its own inline script. */
import type { Handle } from '@sveltejs/kit';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};
/** Browsers ignore it on plain http, as in a local network, and complain on every phone. */
const OPENER_POLICY = 'cross-origin-opener-policy';

/** Answers with the page and the headers that keep other sites out of it. */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event);
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  if (event.url.protocol === 'https:') response.headers.set(OPENER_POLICY, 'same-origin');
  return response;
};
