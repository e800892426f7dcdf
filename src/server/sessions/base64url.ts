/** base64url without padding: what stands in tokens and headers. */

/** Bytes as base64url. */
export function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The bytes of base64url in its one written form, or null when it is not that. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // The last character may hold bits that decoding drops: a token must not have two spellings.
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
