/** Ops of tests: UUIDs that say their number, with letters, so that their case can be changed. */
export function opNo(n: number): string {
  return `abcdefab-0000-4000-8000-${String(n).padStart(12, '0')}`;
}
