/**
 * Text from outside on a terminal. A name may hold what moves the cursor, clears the screen, turns the direction of the
 * line around or ends it: such a file could hide the verdict on itself, so all of it is shown by its number instead.
 */

/** Controls, line ends, halves of characters, and formats but for those that join letters and emoji. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu;

/**
 * One line of text.
 * @param {string} text
 */
export function printable(text) {
  return text.replace(UNPRINTABLE, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * The same of text whose line feeds are our own.
 * @param {string} text
 */
export function printableLines(text) {
  return text.split('\n').map(printable).join('\n');
}
