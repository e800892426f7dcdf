/** The pages behind the verdict, in the order in which a key turns them. */

/** `worries` and `rest` are the two halves of the matrix. */
export const CLOSING = ['worries', 'rest', 'comparison', 'check'] as const;
/** One of {@link CLOSING}. */
export type ClosingPage = (typeof CLOSING)[number];

/** The page behind `page`; the first behind none, and none behind the last. */
export function turned(page: ClosingPage | null): ClosingPage | null {
  return CLOSING[page === null ? 0 : CLOSING.indexOf(page) + 1] ?? null;
}
