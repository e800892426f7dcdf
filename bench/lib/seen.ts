/** When a whole audience has seen the event of a tap. */

/** An allocated tap: when it was made, and the `seq` of its event. */
export interface Granted {
  tappedAtMs: number;
  seq: number;
}

/** What one phone has seen: each new `seq` and when it came, oldest first. */
export type Sightings = readonly { readonly seq: number; readonly atMs: number }[];

/**
 * Milliseconds from each tap until the last phone had a frame that reaches its event; Infinity when a phone never had one.
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
