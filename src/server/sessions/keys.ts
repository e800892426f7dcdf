/**
 * Keys made from `SESSION_SECRET`: one per purpose, so that what is signed for one can never stand for another.
 */

const keys = new Map<string, Promise<CryptoKey>>();
/** Most cached keys: daily keys replace those of the day before. */
const MAX_KEYS = 16;

/** The HMAC-SHA-256 key of a purpose. */
export function keyFor(secret: string, purpose: string): Promise<CryptoKey> {
  const name = `${purpose}\n${secret}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= MAX_KEYS) keys.clear();
  const key = deriveKey(secret, purpose);
  keys.set(name, key);
  return key;
}

/** HMAC-SHA-256 of a text. */
export async function sign(key: CryptoKey, text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)));
}

/** True when `signature` is the key's signature of the text; in constant time. */
export function isSigned(key: CryptoKey, text: string, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
  return crypto.subtle.verify('HMAC', key, signature, new TextEncoder().encode(text));
}

/** Keyed hash of an IP address; the key changes every UTC day, so that hashes are comparable within a day only. */
export async function hashAddress(secret: string, address: string, now: number): Promise<string> {
  const day = new Date(now).toISOString().slice(0, 10);
  const hash = await sign(await keyFor(secret, `address of ${day}`), address);
  return [...hash.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** True when two texts are equal; in constant time, also for different lengths. */
export async function isSameText(secret: string, a: string, b: string): Promise<boolean> {
  const key = await keyFor(secret, 'comparison');
  const [hashOfA, hashOfB] = await Promise.all([sign(key, a), sign(key, b)]);
  return crypto.subtle.timingSafeEqual(hashOfA, hashOfB);
}

async function deriveKey(secret: string, purpose: string): Promise<CryptoKey> {
  const root = await importKey(new TextEncoder().encode(secret));
  return importKey(await sign(root, purpose));
}

function importKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}
