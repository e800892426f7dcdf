/**
 * Marks a text in a script, so that the build takes it into the catalogue and puts its translation there. Without a build,
 * as in tests of words, it is the English that stands in the source. Only inside of functions: what a module says while it
 * is loaded is said before the language is known.
 */
export function phrase(text: string): string {
  return text;
}
