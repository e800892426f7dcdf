/** The code of a show: six characters that cannot be mistaken for one another when read from a distance. */
import { plainText } from './typed-text.ts';

/** Letters and digits without 0 O 1 I L. */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
/** Characters in a code. */
export const CODE_LENGTH = 6;

const CODE = new RegExp(`^[${CODE_ALPHABET}]{${CODE_LENGTH}}$`);
const SKU_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** True for a code in canonical form: capitals, no spaces. */
export function isShowCode(value: string): boolean {
  return CODE.test(value);
}

/**
 * A typed or pasted code in canonical form, or null when it cannot be a code. Case, spaces, dashes and the punctuation of a
 * sentence around it are ignored.
 */
export function parseShowCode(typed: string): string | null {
  const code = codeCharacters(typed);
  return isShowCode(code) ? code : null;
}

/** The characters of a typed code without spaces and punctuation, of which some may be invalid. */
export function codeCharacters(typed: string): string {
  const seen = plainText(typed).replace(/[\s\p{Pd}\u2212.,;:!?'"\u2018-\u201e\u00ab\u00bb()[\]<>]/gu, '');
  // Letters whose capitals are longer (ß) are not part of a code.
  return seen.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** The code in what somebody typed or pasted: the code itself, or a link to a page of its show; null when there is none. */
export function findShowCode(typed: string): string | null {
  return parseShowCode(typed) ?? codeOfLink(plainText(typed).trim());
}

/** The code in a link: in the path of a show's pages, in the query of the door and the verify page. */
function codeOfLink(link: string): string | null {
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(link) ?? [];
  const [, inPath] = /\/(?:j|stage|control|show)\/([^/\s]+)/.exec(path) ?? [];
  if (inPath !== undefined) return parseShowCode(unescaped(inPath));
  const parameters = new URLSearchParams(query);
  return parseShowCode(parameters.get('code') ?? parameters.get('show') ?? '');
}

/** Decodes percent-encoded text; text that is not well-formed is returned unchanged. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A code from random bytes. Needs more than {@link CODE_LENGTH} bytes; null when too many have to be rejected. */
export function showCodeFrom(bytes: Uint8Array): string | null {
  // Bytes at or above the largest multiple of the alphabet's size are rejected, or its first letters would be more likely.
  const limit = 256 - (256 % CODE_ALPHABET.length);
  const letters = [...bytes]
    .filter((byte) => byte < limit)
    .slice(0, CODE_LENGTH)
    .map((byte) => CODE_ALPHABET.charAt(byte % CODE_ALPHABET.length));
  return letters.length === CODE_LENGTH ? letters.join('') : null;
}

/** True for a valid SKU id, which is part of paths and room names. */
export function isSkuId(value: string): boolean {
  return SKU_ID.test(value);
}
