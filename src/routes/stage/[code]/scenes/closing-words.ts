/** Words of the pages behind the verdict. */
import { count, millis } from '#lib/components/format.ts';
import type { LatencySummary } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import { tailOf } from '../../../guide/figures.ts';

/** Units sold too many, with their sign. */
export function signedUnits(units: number): string {
  return units > 0 ? `+${count(units)}` : '0';
}

/** A lane's slowest part of round trips as a figure with what it is; a dash where no phone measured any. */
export function tailWords(latency: LatencySummary | null): { value: string; what: string } {
  const tail = latency && tailOf(latency);
  if (!latency || !tail) return { value: '–', what: phrase('no phone has measured a tap') };
  return { value: `${millis(tail.ms)} ms`, what: `${tail.name}, n = ${count(latency.n)}` };
}

/** A hash in groups of eight, for people who compare it by eye. */
export function hashGroups(hash: string): string[] {
  return hash.match(/.{1,8}/g) ?? [];
}
