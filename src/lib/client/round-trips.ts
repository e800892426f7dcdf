/**
 * Round trips that were measured here and not reported yet, by op. Each message that goes up carries those of one op, the
 * oldest first, so that none is reported twice and quick tappers are not heard more than their taps.
 */
import type { RoundTrips } from '#lib/domain/round-trip.ts';
import type { UpOf } from '#lib/protocol/up.ts';

/** Beyond this the room would refuse the message for its report alone, milliseconds (see the schema of `allocate`). */
const LONGEST_MS = 600_000;
/** Reports kept: more than this many answers between two messages say nothing new. */
const MOST = 32;

/** The round trips of one op, as the protocol reports them. */
export type Report = NonNullable<UpOf<'seen'>['rtt']>;

/** A queue of measurements. */
export class Unreported {
  #waiting: Report[] = [];

  /** Adds the round trips of an op; impossibly long ones are dropped. */
  measured(op: string, lanes: RoundTrips): void {
    const times = Object.values(lanes);
    if (times.length === 0 || times.some((ms) => ms !== undefined && ms > LONGEST_MS)) return;
    this.#waiting.push({ op, lanes });
    if (this.#waiting.length > MOST) this.#waiting.shift();
  }

  /** The next to report; null when there is none. */
  get next(): Report | null {
    return this.#waiting[0] ?? null;
  }

  /** The next one was sent. */
  sent(): void {
    this.#waiting.shift();
  }
}
