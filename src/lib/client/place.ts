/** An address of the show in the parts that screens name. */

/** An origin, the same as people type it, and that without a port. */
export type Place = Pick<Location, 'origin' | 'host' | 'hostname'>;

/** The place that was told; the page's own when none was. */
export function placeOf(told: string | null | undefined): Place {
  const { origin, host, hostname } = told ? new URL(told) : location;
  return { origin, host, hostname };
}
