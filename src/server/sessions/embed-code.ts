/**
 * The code with which pages of others show a show's figures (docs/embed.md). It is no session: it stands in the fragment of an
 * address, only reads, and is good until a presenter withdraws it or the show ends. It is sent as a bearer token, on a
 * socket of a page as a subprotocol, because a page can set no header there; never in an address. A keyed hash of it is kept.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { isShowCode } from '#lib/domain/show-code.ts';
import { EMBED_LABEL, EMBED_PREFIX, EMBED_PROTOCOL } from '#lib/protocol/embed.ts';
import { spend } from '../storage/d1.ts';
import type { Show } from '../storage/shows.ts';
import { findShow } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { toBase64url } from './base64url.ts';
import { lookUpShow } from './directory.ts';
import { isSameText, keyFor, sign } from './keys.ts';
import type { Result } from './result.ts';
import { err, ok } from './result.ts';
import type { Claims } from './token.ts';

/** Random bytes of a code: 192 bits. */
const CODE_BYTES = 24;
const CODE = /^[\w-]{32}$/;
const PURPOSE = 'embed code 1';
/** Characters of the hash that name the readers of a code in their rooms, 132 bits: each code has readers of its own. */
const NAME_LENGTH = 22;
/** Readers end with their code, or with their show; never by a clock of their own. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** A new code. */
export function newEmbedCode(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(CODE_BYTES)));
}

/** What is kept of a code: a keyed hash, bound to its show. */
export async function embedHash(context: RequestContext, show: string, code: string): Promise<string> {
  return toBase64url(await sign(await keyFor(context.config.sessionSecret, PURPOSE), `${show}.${code}`));
}

/** The name of a code's readers, as rooms know them. */
export function readersOf(hash: string): string {
  return `${EMBED_LABEL}-${hash.slice(0, NAME_LENGTH)}`;
}

/** The credential of a page's socket, which it can only say as a subprotocol; null when it offers none. */
export function embedOffered(request: Request): string | null {
  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((each) => each.trim());
  return offered.includes(EMBED_PROTOCOL) ? (offered.find(isEmbedToken) ?? null) : null;
}

/** True for what would be an embed code, good or not: everybody knows how one begins. */
export function isEmbedToken(offered: string): boolean {
  return offered.startsWith(EMBED_PREFIX);
}

/** Who reads by a code. Refuses `UNAUTHORIZED`: never good, replaced or withdrawn, which nobody is told apart. */
export async function readEmbedToken(
  context: RequestContext,
  token: string,
): Promise<Result<{ claims: Claims; spent: MeterCounts }>> {
  const [show = '', code = '', more] = token.slice(EMBED_PREFIX.length).split('.');
  const spent: MeterCounts = {};
  if (more !== undefined || !isShowCode(show) || !CODE.test(code)) return notGood();
  const hash = await embedHash(context, show, code);
  const found = await showOf(context, show, hash, spent);
  if (!found) return notGood();
  const claims: Claims = {
    sessionId: readersOf(hash),
    role: 'participant',
    show,
    label: EMBED_LABEL,
    skus: found.skus.map(({ id }) => id),
    issuedAt: context.now,
    expiresAt: NEVER,
  };
  return ok({ claims, spent });
}

/**
 * The show whose code has this hash. What this isolate remembers of shows may be seconds old: a code that was just made is
 * looked up again, one that was just withdrawn is refused by the rooms, which know at once.
 */
async function showOf(
  context: RequestContext,
  code: string,
  hash: string,
  spent: MeterCounts,
): Promise<Show | null> {
  const { sessionSecret } = context.config;
  const isIts = async (show: Show | null) => isSameText(sessionSecret, show?.embedHash ?? '', hash);
  const known = await lookUpShow(context, code);
  if (!known || (await isIts(known))) return known;
  const now = await spend(spent, findShow(context.env.DB, code));
  return (await isIts(now)) ? now : null;
}

function notGood() {
  return err('UNAUTHORIZED', 'This embed code is not good: it was withdrawn, replaced, or not copied whole.');
}
