/** A number between two from a source of chance, ends included as far as the source allows. */
export function between(random: () => number, low: number, high: number): number {
  return low + random() * (high - low);
}
