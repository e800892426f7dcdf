/** The parts of the guide, in the order in which the page and its contents list them. */
import { phrase } from '#lib/language/phrase.ts';

/** A part: its anchor and its heading. */
export interface Section {
  id: string;
  title: string;
}

/** Every part, by key, in that order. */
export function sections() {
  return {
    teaching: { id: 'teaching', title: phrase('How it works, in pictures') },
    worries: { id: 'worries', title: phrase('Eight people, eight worries') },
    evidence: { id: 'evidence', title: phrase('The evidence, row by row') },
    alternatives: { id: 'alternatives', title: phrase('What else there is') },
    objections: { id: 'objections', title: phrase('What people object') },
    engineers: { id: 'engineers', title: phrase('What a careful engineer will say') },
  } as const satisfies Readonly<Record<string, Section>>;
}
