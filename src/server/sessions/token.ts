/**
 * The session token: `base64url(JSON) . base64url(HMAC-SHA-256)`. Checking it needs no lookup. It says who somebody is
 * in one show and until when, and nothing that a person could be known by elsewhere.
 */
import * as v from 'valibot';
import { ROLES } from '#lib/protocol/http.ts';
import { decodeText, encodeText, fromBase64url, toBase64url } from './base64url.ts';
import { isSigned, keyFor, sign } from './keys.ts';

const claimsSchema = v.object({
  sessionId: v.string(),
  role: v.picklist(ROLES),
  show: v.string(),
  label: v.string(),
  /** Ids of the show's SKUs, which never change. */
  skus: v.array(v.string()),
  /** When the session began; a renewal does not change it. */
  issuedAt: v.number(),
  expiresAt: v.number(),
});
/** What a token says. Times are Unix milliseconds. */
export type Claims = v.InferOutput<typeof claimsSchema>;

/** A whole session's token is a few hundred characters; what is longer is none, and not worth a signature check. */
const MAX_TOKEN = 2_048;
const PURPOSE = 'session token 1';

/** Signs claims. */
export async function signToken(secret: string, claims: Claims): Promise<string> {
  const text = encodeText(JSON.stringify(claims));
  return `${text}.${toBase64url(await sign(await keyFor(secret, PURPOSE), text))}`;
}

/** The claims of a token that this server signed, expired or not; null for any other. */
export async function readToken(secret: string, token: string): Promise<Claims | null> {
  const [text, signature, more] = token.length <= MAX_TOKEN ? token.split('.') : [];
  if (!text || !signature || more !== undefined) return null;
  const bytes = fromBase64url(signature);
  if (!bytes || !(await isSigned(await keyFor(secret, PURPOSE), text, bytes))) return null;
  // Signed by us, so this parses; a token of an older version that does not is no token any more.
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), claimsSchema), decodeText(text));
  return parsed.success ? parsed.output : null;
}
