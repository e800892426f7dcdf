/**
 * What Firestore is shown: a token that the service account's own key has signed, good for an hour. Google's APIs take it as it is,
 * without an exchange (developers.google.com/identity/protocols/oauth2/service-account#jwt-auth).
 */
import * as v from 'valibot';
import { encodeText, toBase64url } from '../../sessions/base64url.ts';

const AUDIENCE = 'https://firestore.googleapis.com/';
const VALID_S = 3_600;
/** A token is renewed so long before it ends, milliseconds: a request that is under way must not outlive it. */
const RENEWED_BEFORE_MS = 300_000;
const PEM = /-----(BEGIN|END) PRIVATE KEY-----|\s/g;
const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

const serviceAccount = v.object({
  client_email: v.string(),
  private_key: v.string(),
  private_key_id: v.string(),
});

/** The key of a service account cannot be used: the configuration is wrong, not the engine. */
export class BadServiceAccount extends Error {
  override readonly name = 'BadServiceAccount';
}

/** Signs tokens with the key of a service account. */
export class TokenSigner {
  readonly #json: string;
  #token: { text: string; endsAtMs: number } | null = null;

  /** @param json the file that Google gives with the key */
  constructor(json: string) {
    this.#json = json;
  }

  /** A token that is good for minutes at least. Rejects with {@link BadServiceAccount}. */
  async token(nowMs: number): Promise<string> {
    if (this.#token && this.#token.endsAtMs - RENEWED_BEFORE_MS > nowMs) return this.#token.text;
    const text = await this.#sign(Math.floor(nowMs / 1_000)).catch((error: unknown) => {
      throw new BadServiceAccount('FIRESTORE_KEY is not the key of a service account', { cause: error });
    });
    this.#token = { text, endsAtMs: nowMs + 1_000 * VALID_S };
    return text;
  }

  async #sign(nowS: number): Promise<string> {
    const account = v.parse(serviceAccount, JSON.parse(this.#json));
    const { client_email: email, private_key_id: kid } = account;
    const pkcs8 = Uint8Array.from(atob(account.private_key.replace(PEM, '')), (char) => char.charCodeAt(0));
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, RS256, false, ['sign']);
    const head = encodeText(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid }));
    const claims = { iss: email, sub: email, aud: AUDIENCE, iat: nowS, exp: nowS + VALID_S };
    const signed = `${head}.${encodeText(JSON.stringify(claims))}`;
    const signature = await crypto.subtle.sign(RS256.name, key, new TextEncoder().encode(signed));
    return `${signed}.${toBase64url(new Uint8Array(signature))}`;
  }
}
