/**
 * A page is answered in its reader's language. The pages' Content-Security-Policy is the framework's, with a nonce for its
 * own inline script; what it cannot know is the host, and whether this site has a check for robots. All other headers are
 * the Worker's (src/server/api/shield.ts), for pages as for every other answer.
 */
import type { Handle, HandleServerError, RequestEvent } from '@sveltejs/kit';
import { LANGUAGE_COOKIE } from '#lib/language/choice.ts';
import { languageOf } from '#lib/language/language.ts';
import { preferredLanguage } from '#lib/language/preferred.ts';
import { inLanguage } from '#lib/language/texts.server.ts';

const POLICY = 'content-security-policy';
/** What a host and a port may be written with: nothing in it can end a directive. */
const PLAIN_HOST = /^[\w.:[\]-]+$/;

/** Where the check for robots comes from: pages of a site without one have no business there. */
const CHECK_ORIGIN = 'https://challenges.cloudflare.com';

/** Answers with the page, allowed to open sockets to its own host: not every browser takes 'self' for sockets too. */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await inLanguageOf(event, resolve);
  response.headers.append('vary', 'accept-language, cookie');
  const policy = response.headers.get(POLICY);
  if (policy !== null) {
    const isChecked = Boolean(event.platform?.env['TURNSTILE_SITE_KEY']);
    response.headers.set(POLICY, withSockets(isChecked ? policy : withoutCheck(policy), event.url));
  }
  return response;
};

/**
 * What a stranger asks for and does not get is no fault of this site, and goes unsaid: the framework would write each of
 * them to the presenter's terminal. Errors of ours are written in the form of the Worker's own lines.
 */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
  if (status >= 500) {
    const stack = error instanceof Error ? (error.stack ?? null) : String(error);
    console.log(JSON.stringify({ event: 'page_failed', route: event.route.id, stack }));
  }
  return { message };
};

/** The page says its language, and the one that its reader prefers: other pages may be in it. */
async function inLanguageOf(
  event: RequestEvent,
  resolve: Parameters<Handle>[0]['resolve'],
): Promise<Response> {
  const preferred = preferredLanguage(
    event.cookies.get(LANGUAGE_COOKIE),
    event.request.headers.get('accept-language'),
  );
  const language = languageOf(event.route.id, preferred);
  const named = (html: string) =>
    html.replace('%language%', language).replace('%preferred-language%', preferred);
  return inLanguage(language, () => resolve(event, { transformPageChunk: ({ html }) => named(html) }));
}

function withoutCheck(policy: string): string {
  return policy.replace(`frame-src ${CHECK_ORIGIN}`, "frame-src 'none'").replace(` ${CHECK_ORIGIN}`, '');
}

function withSockets(policy: string, { protocol, host }: URL): string {
  if (!PLAIN_HOST.test(host)) return policy;
  const sockets = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  return policy.replace("connect-src 'self'", `connect-src 'self' ${sockets}`);
}
