/** The parts of the guide, in the order in which the page and its contents list them. */

/** A part: its anchor and its heading. */
export interface Section {
  id: string;
  title: string;
}

/** Every part, by key, in that order. */
export const SECTIONS = {
  teaching: { id: 'teaching', title: 'How it works, in pictures' },
  worries: { id: 'worries', title: 'Eight people, eight worries' },
  evidence: { id: 'evidence', title: 'The evidence, row by row' },
  alternatives: { id: 'alternatives', title: 'What else there is' },
  objections: { id: 'objections', title: 'What people object' },
  engineers: { id: 'engineers', title: 'What a careful engineer will say' },
} as const satisfies Readonly<Record<string, Section>>;
