/**
 * Sentences in which names and numbers stand apart, in whatever order a language puts them: a name is isolated from the
 * direction of the text around it, and can be set in bold. A sentence is made as one text, with marks that no text has.
 */
import { count } from '../format.ts';

/** A piece of a sentence: plain words, a person's label, or a number that was read or written. */
export interface Piece {
  kind: 'text' | 'who' | 'number';
  text: string;
}

/** Private-use characters, which mean nothing: what lies between two of them stands apart. */
const [WHO, NUMBER, END] = ['\ue000', '\ue001', '\ue002'];
const APART = /\ue000([^\ue002]*)\ue002|\ue001([^\ue002]*)\ue002/gu;
const MARKS = /[\ue000-\ue002]/gu;

/** A name, for a sentence. */
export function whoIn(name: string): string {
  return WHO + name.replace(MARKS, '') + END;
}

/** A number that was read or written, for a sentence. */
export function numberIn(value: number): string {
  return NUMBER + count(value) + END;
}

/** The pieces of a sentence. */
export function piecesOf(sentence: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of sentence.matchAll(APART)) {
    if (found.index > from) pieces.push({ kind: 'text', text: sentence.slice(from, found.index) });
    const [whole, who, number = ''] = found;
    pieces.push(who === undefined ? { kind: 'number', text: number } : { kind: 'who', text: who });
    from = found.index + whole.length;
  }
  if (from < sentence.length) pieces.push({ kind: 'text', text: sentence.slice(from) });
  return pieces;
}

/** A sentence as one text, for screen readers. */
export function plainOf(sentence: string): string {
  return sentence.replace(MARKS, '');
}
