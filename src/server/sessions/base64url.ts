/** base64url without padding (RFC 4648, section 5), for tokens and headers. */

/** Bytes as base64url. */
export function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The bytes of canonical base64url; null for anything else. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // The last character may have bits that decoding ignores; they must be zero, so that a token has one spelling.
  return toBase64url(bytes) === text ? bytes : null;
}

/** Text, as UTF-8, in base64url. */
export function encodeText(text: string): string {
  return toBase64url(new TextEncoder().encode(text));
}

/** The text of {@link encodeText}, or null. */
export function decodeText(text: string): string | null {
  const bytes = fromBase64url(text);
  return bytes && new TextDecoder().decode(bytes);
}
