/**
 * Makes text from outside safe for a terminal. A name in a file may contain characters that move the cursor, clear the
 * screen, or reverse or end the line, and so hide the result of checking that file; they are shown as code points.
 */

/** Controls, line ends, surrogates and format characters, except those that join letters and emoji. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu;

/** Text in one line, with every unprintable character shown as its code point. @param {string} text */
export function printable(text) {
  return text.replace(UNPRINTABLE, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** {@link printable} for text whose line feeds are our own. @param {string} text */
export function printableLines(text) {
  return text.split('\n').map(printable).join('\n');
}
