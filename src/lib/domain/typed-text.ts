/** What a person typed or pasted, as plain text: keyboards, papers and chat windows put more into it than is seen. */

const DIGIT = /\p{Nd}/u;

/**
 * The text in its plain form: full-width and other compatibility letters folded (NFKC), digits of every script as 0 to 9,
 * and nothing that is not seen: zero-width characters, marks of direction, soft hyphens, variation selectors.
 */
export function plainText(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/\p{Nd}/gu, (digit) => String(valueOf(digit.codePointAt(0) ?? 0)));
}

/**
 * A name without the marks that turn the direction of what follows (UAX 9: embeddings, overrides, isolates). An isolate around
 * the name does not hold them: one that ends an isolate ends that one.
 */
export function withoutDirections(name: string): string {
  return name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '');
}

/** The digits of a script stand in a row, zero first, and no two rows touch once the mathematical ones are folded. */
function valueOf(digit: number): number {
  let value = 0;
  while (value < 9 && DIGIT.test(String.fromCodePoint(digit - value - 1))) value += 1;
  return value;
}
