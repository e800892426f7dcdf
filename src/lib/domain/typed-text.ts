/** Normalises what a person typed or pasted, which may contain invisible characters. */

const DIGIT = /\p{Nd}/u;

/**
 * Plain text: compatibility characters folded (NFKC), digits of every script as 0 to 9, and without invisible characters
 * (zero-width characters, direction marks, soft hyphens, variation selectors).
 */
export function plainText(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/\p{Nd}/gu, (digit) => String(valueOf(digit.codePointAt(0) ?? 0)));
}

/**
 * A name without characters that change the direction of text (UAX #9: embeddings, overrides, isolates). An isolate around the
 * name would not contain them, because a name can end that isolate.
 */
export function withoutDirections(name: string): string {
  return name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '');
}

/** Spaces, control characters, invisible ones (of which some are part of emoji and of words), and the empty Braille cell. */
const UNSEEN = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** A typed name as it is kept: without directions and outer spaces; '' when nothing of it can be seen. */
export function keptName(typed: string): string {
  const name = withoutDirections(typed).trim();
  return UNSEEN.test(name) ? '' : name;
}

/** Number of characters of a text: code points, not the UTF-16 units of `length`, of which an emoji takes two. */
export function charactersOf(text: string): number {
  return [...text].length;
}

/**
 * Value of a digit: the digits of each script are consecutive code points from zero on, and the ranges do
 * not touch after NFKC.
 */
function valueOf(digit: number): number {
  let value = 0;
  while (value < 9 && DIGIT.test(String.fromCodePoint(digit - value - 1))) value += 1;
  return value;
}
