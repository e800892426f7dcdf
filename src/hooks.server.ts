/**
 * The pages' Content-Security-Policy is the framework's, with a nonce for its own inline script; what it cannot know is
 * the host. All other headers are the Worker's (src/server/api/shield.ts), for pages as for every other answer.
 */
import type { Handle } from '@sveltejs/kit';

const POLICY = 'content-security-policy';
/** What a host and a port may be written with: nothing in it can end a directive. */
const PLAIN_HOST = /^[\w.:[\]-]+$/;

/** Answers with the page, allowed to open sockets to its own host: not every browser takes 'self' for sockets too. */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event);
  const policy = response.headers.get(POLICY);
  if (policy !== null) response.headers.set(POLICY, withSockets(policy, event.url));
  return response;
};

function withSockets(policy: string, { protocol, host }: URL): string {
  if (!PLAIN_HOST.test(host)) return policy;
  const sockets = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  return policy.replace("connect-src 'self'", `connect-src 'self' ${sockets}`);
}
