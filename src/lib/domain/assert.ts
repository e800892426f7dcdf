/** Bugs throw: for what cannot happen unless the code is wrong. Refusals are values, never these. */

/** Throws when a condition that the code relies on does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${message}`);
}

/** The end of an exhaustive switch: a type error when a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`Broken invariant: unexpected ${JSON.stringify(value)}`);
}
