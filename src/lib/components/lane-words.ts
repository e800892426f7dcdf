/** What people read of lanes and modes. A lane without words of its own goes by its id. */
import type { Mode } from '#lib/domain/lane.ts';
import { phrase } from '#lib/language/phrase.ts';

/** Which lanes a mode means, in words. */
export function modeWords(mode: Mode): string {
  const name: string = mode;
  switch (name) {
    case 'both':
      return phrase('both lanes');
    case 'contest':
      return phrase('all lanes');
    case 'safe':
      return phrase('safe lane');
    case 'eventual':
      return phrase('eventual lane');
    default:
      return `${name} lane`;
  }
}
