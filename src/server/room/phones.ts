/**
 * People whose network lets no socket pass: their phones ask for the state every two seconds instead, and count as present while
 * they do. One look at the state makes nobody present: counted is who asks again in time.
 */
import { Connections } from '#lib/room/connections.ts';

/** Who does not ask again for this long is gone, milliseconds: as for a phone on a socket that fell silent. */
const SILENT_AFTER_MS = 8_000;

/** The sockets of a room, and the phones that come without one. */
export class Phones extends Connections {
  /** By label: when it asked last, by the room's steady clock, and whether it counts. */
  readonly #calling = new Map<string, { atMs: number; counts: boolean }>();
  /** An earlier life of the room may have told of phones that this one knows nothing of. */
  #isFresh = true;

  /** A participant has asked for the state. True when the number of people has changed by it. */
  called(label: string, nowMs: number): boolean {
    const before = this.#calling.get(label);
    const counts = before !== undefined && nowMs - before.atMs <= SILENT_AFTER_MS;
    this.#calling.set(label, { atMs: nowMs, counts });
    return counts && !before.counts;
  }

  /** Forgets who has not asked for too long. True when the number of people may have changed by it. */
  forgetSilent(nowMs: number): boolean {
    let changed = this.#isFresh;
    this.#isFresh = false;
    for (const [label, { atMs, counts }] of this.#calling) {
      if (nowMs - atMs <= SILENT_AFTER_MS) continue;
      this.#calling.delete(label);
      changed ||= counts;
    }
    return changed;
  }

  /** True while somebody is known by their calls alone, whose absence has to be noticed. */
  get hasCallers(): boolean {
    return this.#calling.size > 0;
  }

  override people(): { phones: number; stages: number } {
    const { phones, stages } = super.people();
    let calling = 0;
    for (const [label, { counts }] of this.#calling) if (counts && !this.isPresent(label)) calling += 1;
    return { phones: phones + calling, stages };
  }
}
