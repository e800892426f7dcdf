/** How large a sentence can be set so that it leaves the scene its height: long names make it smaller. */
import { charactersOf } from '#lib/domain/typed-text.ts';

/** Largest and smallest size, in pixels of a 1920 × 1080 projector. */
const [LARGEST, SMALLEST] = [88, 44];
/** Width of a scene, and the height that a sentence may take of it, in these pixels. */
const [WIDTH, HEIGHT] = [1_824, 290];
/** Width of a letter and height of a line, ems: what a square pixel of a sentence is made of. */
const [LETTER_EM, LINE_EM] = [0.52, 1.12];
/** Letters of scripts that are as wide as high. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/gu;

/** Size of a sentence, in pixels of a 1920 × 1080 projector. */
export function sentenceSize(sentence: string): number {
  const letters = charactersOf(sentence) + (sentence.match(WIDE)?.length ?? 0);
  const fits = Math.sqrt((WIDTH * HEIGHT) / (Math.max(1, letters) * LETTER_EM * LINE_EM));
  return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(fits)));
}
