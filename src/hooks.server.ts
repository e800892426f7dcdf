/**
 * Answers pages in their reader's language and completes their Content-Security-Policy. SvelteKit makes the policy, with a
 * nonce for its own inline script; it does not know the host, nor whether this site uses Turnstile. All other headers are
 * set by the Worker (src/server/api/security-headers.ts), for pages as for every other answer.
 */
import type { Handle, HandleServerError, RequestEvent } from '@sveltejs/kit';
import { LANGUAGE_COOKIE } from '#lib/language/choice.ts';
import { embedLanguage, isEmbed } from '#lib/language/embed-choice.ts';
import { isOfStage, knownLanguage } from '#lib/language/language.ts';
import type { Language } from '#lib/language/language.ts';
import { preferredLanguage } from '#lib/language/preferred.ts';
import { broughtLanguage, stageCookie } from '#lib/language/stage-choice.ts';
import { inLanguage } from '#lib/language/texts.server.ts';

const POLICY = 'content-security-policy';
/** Characters of a host and port; none of them can end a directive of the policy. */
const PLAIN_HOST = /^[\w.:[\]-]+$/;

/**
 * Turnstile's origin (developers.cloudflare.com/turnstile/reference/content-security-policy), allowed only where a site
 * key is set.
 */
const CHECK_ORIGIN = 'https://challenges.cloudflare.com';

/** Who may frame a page that shows figures in pages of others: a site, or a deck that is opened from a disk (SECURITY.md). */
const ANYWHERE = 'frame-ancestors http: https: file:';

/** Answers a page, and allows it sockets to its own host by name: not every browser applies 'self' to `ws:` and `wss:`. */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await inLanguageOf(event, resolve);
  response.headers.append('vary', 'accept-language, cookie');
  const policy = response.headers.get(POLICY);
  if (policy !== null) {
    const isChecked = Boolean(event.platform?.env['TURNSTILE_SITE_KEY']);
    const framed = isEmbed(event.route.id) ? policy.replace("frame-ancestors 'none'", ANYWHERE) : policy;
    response.headers.set(POLICY, withSockets(isChecked ? framed : withoutCheck(framed), event.url));
  }
  return response;
};

/**
 * Logs errors of this site in the form of the Worker's log lines. An unknown address is not logged: it is no fault of this
 * site, and the framework would print each one on the presenter's terminal.
 */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
  if (status >= 500) {
    const stack = error instanceof Error ? (error.stack ?? null) : String(error);
    console.log(JSON.stringify({ event: 'page_failed', route: event.route.id, stack }));
  }
  return { message };
};

/** Renders the page in its language and states it, and the language that its reader prefers, which other pages may have. */
async function inLanguageOf(
  event: RequestEvent,
  resolve: Parameters<Handle>[0]['resolve'],
): Promise<Response> {
  const preferred = preferredLanguage(
    event.cookies.get(LANGUAGE_COOKIE),
    event.request.headers.get('accept-language'),
  );
  const language = stageLanguageOf(event) ?? embedLanguage(event.route.id, event.url) ?? preferred;
  const named = (html: string) => {
    const said = html.replace('%language%', language).replace('%preferred-language%', preferred);
    return isEmbed(event.route.id) ? said.replace('<html ', seeThrough(event.url)) : said;
  };
  return inLanguage(language, () => resolve(event, { transformPageChunk: ({ html }) => named(html) }));
}

/** The language that was chosen for the stage, if this is a presenter's screen that knows it. */
function stageLanguageOf({ route, params, url, cookies }: RequestEvent): Language | null {
  if (!isOfStage(route.id)) return null;
  return broughtLanguage(url) ?? knownLanguage(cookies.get(stageCookie(params.code ?? '')));
}

/** Nothing of such a page is opaque, from its first moment on; its ink is for the theme that its address says. */
function seeThrough({ searchParams }: URL): string {
  const theme = searchParams.get('theme');
  const scheme = theme === 'light' || theme === 'dark' ? theme : 'light dark';
  return `<html data-theme="${scheme}" style="background: transparent; color-scheme: ${scheme}" `;
}

function withoutCheck(policy: string): string {
  return policy.replace(`frame-src ${CHECK_ORIGIN}`, "frame-src 'none'").replace(` ${CHECK_ORIGIN}`, '');
}

function withSockets(policy: string, { protocol, host }: URL): string {
  if (!PLAIN_HOST.test(host)) return policy;
  const sockets = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  return policy.replace("connect-src 'self'", `connect-src 'self' ${sockets}`);
}
