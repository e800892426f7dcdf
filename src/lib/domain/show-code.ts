/** The code that names a show: six characters that cannot be mistaken for one another when read from a wall. */

/** Letters and digits without 0 O 1 I L. */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
/** Characters in a code. */
export const CODE_LENGTH = 6;

const CODE = new RegExp(`^[${CODE_ALPHABET}]{${CODE_LENGTH}}$`);
const SKU_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** True for a code in its one written form: capitals, no spaces. */
export function isShowCode(value: string): boolean {
  return CODE.test(value);
}

/** A typed or pasted code in its one written form, or null when it cannot be a code. Case, spaces and hyphens are ignored. */
export function parseShowCode(typed: string): string | null {
  const code = typed.replace(/[\s-]/g, '').toUpperCase();
  return isShowCode(code) ? code : null;
}

/** The code that random bytes stand for. Needs more than {@link CODE_LENGTH} bytes; null when too many fall outside the alphabet. */
export function showCodeFrom(bytes: Uint8Array): string | null {
  // Bytes at or above the largest multiple of the alphabet's size would favour its first letters.
  const limit = 256 - (256 % CODE_ALPHABET.length);
  const letters = [...bytes]
    .filter((byte) => byte < limit)
    .slice(0, CODE_LENGTH)
    .map((byte) => CODE_ALPHABET.charAt(byte % CODE_ALPHABET.length));
  return letters.length === CODE_LENGTH ? letters.join('') : null;
}

/** True for an id that may name a SKU: it stands in addresses and room names. */
export function isSkuId(value: string): boolean {
  return SKU_ID.test(value);
}
