/**
 * The pages' Content-Security-Policy is the framework's, with a nonce for its own inline script; what it cannot know is
 * the host, and whether this site has a check for robots. All other headers are the Worker's (src/server/api/shield.ts), for pages as for every other answer.
 */
import type { Handle } from '@sveltejs/kit';

const POLICY = 'content-security-policy';
/** What a host and a port may be written with: nothing in it can end a directive. */
const PLAIN_HOST = /^[\w.:[\]-]+$/;

/** Where the check for robots comes from: pages of a site without one have no business there. */
const CHECK_ORIGIN = 'https://challenges.cloudflare.com';

/** Answers with the page, allowed to open sockets to its own host: not every browser takes 'self' for sockets too. */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event);
  const policy = response.headers.get(POLICY);
  if (policy !== null) {
    const isChecked = Boolean(event.platform?.env['TURNSTILE_SITE_KEY']);
    response.headers.set(POLICY, withSockets(isChecked ? policy : withoutCheck(policy), event.url));
  }
  return response;
};

function withoutCheck(policy: string): string {
  return policy.replace(`frame-src ${CHECK_ORIGIN}`, "frame-src 'none'").replace(` ${CHECK_ORIGIN}`, '');
}

function withSockets(policy: string, { protocol, host }: URL): string {
  if (!PLAIN_HOST.test(host)) return policy;
  const sockets = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  return policy.replace("connect-src 'self'", `connect-src 'self' ${sockets}`);
}
