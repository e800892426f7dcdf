/** The pre-flight check's judgement of the site: server, stores, room, traces, and the check at its door. */
import { phrase } from '#lib/language/phrase.ts';
import type { Judged, PreflightFindings } from './preflight-findings.ts';
import { bad, good, look, waiting, whole } from './preflight-findings.ts';

/** A server-side step that takes longer than this is worth a look, milliseconds. */
const STEP_SLOW_MS = 1_000;

/** The server answered. */
export function serverOf({ health }: PreflightFindings): Judged {
  if (!health) return waiting();
  const { answer, ms } = health;
  if (answer.ok) return good(phrase(`version ${answer.data.version} answered in ${whole(ms)}`));
  return bad(answer.message, phrase('Is it started, and is this device in its network?'));
}

/** What the site could not tell of itself, for every row that needed it. */
function untold(site: PreflightFindings['site']): Judged | null {
  if (!site) return waiting();
  if (site.ok) return null;
  const fix =
    site.code === 'RATE_LIMITED'
      ? phrase('Wait a minute, then check again.')
      : phrase('Fix the server first.');
  return bad(site.message, fix);
}

/** D1, or KV: read and written. */
export function storeOf({ site }: PreflightFindings, which: 'database' | 'sessions', why: string): Judged {
  const silent = untold(site);
  if (silent || !site?.ok) return silent ?? waiting();
  const { read, write } = site.data[which];
  const fix = phrase(`Look at its binding, and at the platform's status page: ${why}.`);
  if (!read.ok || !write.ok) {
    const isBoth = !read.ok && !write.ok;
    const broken = isBoth ? phrase('reading and writing') : read.ok ? phrase('writing') : phrase('reading');
    return bad(phrase(`${broken} failed`), fix);
  }
  const found = phrase(`read in ${whole(read.ms)}, wrote in ${whole(write.ms)}, seen from the server`);
  const isSlow = Math.max(read.ms ?? 0, write.ms ?? 0) > STEP_SLOW_MS;
  return isSlow ? look(found, phrase(`Slower than it should be: ${why}.`)) : good(found);
}

/** The room’s object. */
export function roomOf({ site }: PreflightFindings): Judged {
  const silent = untold(site);
  if (silent || !site?.ok) return silent ?? waiting();
  const { ok, ms } = site.data.room;
  if (ok) return good(phrase(`answered in ${whole(ms)}, seen from the server`));
  return bad(phrase('it did not answer'), phrase('Check again; if it stays so, open a new show.'));
}

/** The binding of Analytics Engine. */
export function analyticsOf({ site }: PreflightFindings): Judged {
  const silent = untold(site);
  if (silent || !site?.ok) return silent ?? waiting();
  if (site.data.analytics) {
    return good(phrase('bound; whether points arrive is not told, and locally none do'));
  }
  const fix = phrase(
    'The show runs without it. For traces, bind the dataset TELEMETRY as docs/deploy.md says.',
  );
  return look(phrase('not bound'), fix);
}

/** Turnstile, from the server and from this browser. */
export function gateOf({ site, widget }: PreflightFindings): Judged {
  const silent = untold(site);
  if (silent || !site?.ok) return silent ?? waiting();
  const { turnstile, debugToken } = site.data;
  if (turnstile.state === 'off') {
    const found = phrase('not configured: phones need the code alone, presenters the sign-in token');
    return { verdict: 'off', found };
  }
  const instead = debugToken
    ? phrase('You can still sign in with the site’s sign-in token; phones cannot join.')
    : phrase('Nobody can join until then.');
  if (turnstile.state === 'wrong-secret') {
    const fix = phrase(`Give the site the secret key of this very widget (docs/deploy.md). ${instead}`);
    return bad(phrase('Cloudflare does not know the site’s secret'), fix);
  }
  if (turnstile.state === 'unreachable') {
    const fix = phrase(`Check again in a minute, or start without Turnstile's keys. ${instead}`);
    return bad(phrase('the server cannot reach Cloudflare to check tokens'), fix);
  }
  if (widget === null) return waiting();
  if (widget === 'failed') {
    const fix = phrase(`This network keeps challenges.cloudflare.com out: use another one. ${instead}`);
    return bad(phrase('the server reaches it, this browser does not'), fix);
  }
  return good(
    phrase(`Cloudflare’s check answered the server in ${whole(turnstile.ms)}; this browser loads it`),
  );
}
