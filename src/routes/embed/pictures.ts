/** The pictures that may stand in slides, in the order in which control offers them. */
export const PICTURES = ['chart', 'grid', 'counter', 'contest', 'qr'] as const;
/** One of {@link PICTURES}, as an address names it. */
export type Picture = (typeof PICTURES)[number];

/** True for the name of a picture. */
export function isPicture(name: string): name is Picture {
  return PICTURES.some((picture) => picture === name);
}
