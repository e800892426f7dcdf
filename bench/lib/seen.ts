/** When a whole audience has seen what a tap did. */

/** A tap that was granted: when it was made, and its event. */
export interface Granted {
  tappedAtMs: number;
  seq: number;
}

/** What one phone has seen: each time that it heard of something new, up to which event, oldest first. */
export type Sightings = readonly { readonly seq: number; readonly atMs: number }[];

/**
 * Milliseconds from each tap until the last phone had a frame that reaches its event; Infinity for a tap that some phone
 * has not heard of.
 */
export function seenByAllMs(granted: readonly Granted[], audience: readonly Sightings[]): number[] {
  const bySeq = [...granted].sort((a, b) => a.seq - b.seq);
  const lastMs = new Array<number>(bySeq.length).fill(-Infinity);
  for (const sightings of audience) {
    let place = 0;
    for (const [index, { seq }] of bySeq.entries()) {
      while (place < sightings.length && (sightings[place]?.seq ?? 0) < seq) place += 1;
      lastMs[index] = Math.max(lastMs[index] ?? 0, sightings[place]?.atMs ?? Infinity);
    }
  }
  return bySeq.map(({ tappedAtMs }, index) => Math.max(0, (lastMs[index] ?? Infinity) - tappedAtMs));
}
