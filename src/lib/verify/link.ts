/** Checks that events follow each other: dense numbers, and hashes that continue the chain. */
import { count } from '#lib/domain/audit-findings.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { GENESIS } from '#lib/domain/facts.ts';
import type { Sha256Hex } from '#lib/domain/log.ts';
import type { Checks } from './checks.ts';

/**
 * Checks each event's number and hash against the one before. After a break it continues from the event's own, so that one
 * break is one finding.
 */
export class Link {
  /** Number and hash of the newest event, as the event itself has them. */
  seq = 0;
  hash = GENESIS;
  #events = 0;
  readonly #sha256: Sha256Hex;
  readonly #checks: Checks;

  constructor(sha256: Sha256Hex, checks: Checks) {
    this.#sha256 = sha256;
    this.#checks = checks;
  }

  /** Takes the next event and its canonical text; null when it has none. */
  take({ seq, hash }: RoomEvent, canonical: string | null): void {
    this.#events += 1;
    if (seq !== this.seq + 1) this.#checks.wrong('dense', outOfOrder(seq, this.seq), `event ${this.seq + 1}`);
    const expected = canonical === null ? null : this.#sha256(this.hash + canonical);
    if (expected !== hash) {
      const right = expected === null ? 'an event with a canonical form' : `hash ${expected}`;
      this.#checks.wrong('chain', `hash ${hash}`, right);
    }
    this.seq = seq;
    this.hash = hash;
  }

  /** Writes the figures down. */
  finish(): void {
    const events = count(this.#events, 'event');
    this.#checks.figure('chain', this.#events === 0 ? events : `${events}, head ${this.hash.slice(0, 12)}…`);
    for (const key of ['dense', 'form', 'lines', 'replay'] as const) this.#checks.figure(key, events);
  }
}

function outOfOrder(seq: number, before: number): string {
  if (seq === before) return `event ${seq} once more`;
  if (seq < before) return `event ${seq}, which stands behind event ${before}`;
  const missing = seq - before - 1;
  const which = missing === 1 ? `event ${before + 1} is` : `events ${before + 1} to ${seq - 1} are`;
  return `event ${seq}: ${which} missing`;
}
