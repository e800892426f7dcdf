/** A room for tests that look at one rule: an opened log that grows by drafts. */
import type { EventBodies, EventDraft, RoomConfig, RoomEvent, Sku } from '#lib/domain/events.ts';
import { emptyFacts } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { chainNext } from '#lib/domain/log.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { apply } from '#lib/domain/reduce.ts';
import { sha256 } from './sha256.ts';

/** The defaults of the contract. */
export const DEFAULT_CONFIG: RoomConfig = {
  billingScale: 1e-9,
  demoCostLimit: 0,
  virtualLoadFactor: 100_000,
  virtualCostThreshold: 100,
  guardrailAction: 'warn',
  raceWindowMs: 100,
};

/** A product of 100 units. */
export const SKU: Sku = { id: 'sneaker', name: 'Sneaker', capacity: 100, unitPrice: 189 };

/** The body of `opened` for a product under a configuration. */
export function openedBody(sku: Sku = SKU, config: RoomConfig = DEFAULT_CONFIG): EventBodies['opened'] {
  return {
    room: `ABCDEF.${sku.id}`,
    show: 'ABCDEF',
    sku,
    mode: 'safe',
    step: 1,
    lanes: ['safe', 'eventual'],
    config,
    prices: pricesUsd(),
    pricesReadOn: PRICES_READ_ON,
  };
}

/** A log under way, and the facts that the reducer makes of it. */
export class Log {
  readonly facts: RoomFacts = emptyFacts();
  readonly events: RoomEvent[] = [];
  #atMs = 1_800_000_000_000;

  constructor(opened: EventBodies['opened'] = openedBody()) {
    this.tell({ kind: 'opened', body: opened });
  }

  /** Time of the newest event, Unix milliseconds. */
  get nowMs(): number {
    return this.#atMs;
  }

  /** Numbers, chains and applies a draft, one millisecond after the one before. */
  tell(draft: EventDraft): RoomEvent {
    this.#atMs += 1;
    return this.#append(draft);
  }

  /** A new commit begins, a millisecond after the one before. */
  tick(): void {
    this.#atMs += 1;
  }

  /** Tells a draft with the commit that has begun. */
  tellNow(draft: EventDraft): RoomEvent {
    return this.#append(draft);
  }

  /** Tells several drafts. */
  tellAll(drafts: readonly EventDraft[]): void {
    for (const draft of drafts) this.tell(draft);
  }

  /** Tells several drafts at the same time, as one commit of a room does. */
  tellAtOnce(...drafts: readonly EventDraft[]): void {
    this.#atMs += 1;
    for (const draft of drafts) this.#append(draft);
  }

  #append(draft: EventDraft): RoomEvent {
    const { event } = chainNext(this.facts, draft, this.#atMs, sha256);
    apply(this.facts, event);
    this.events.push(event);
    return event;
  }
}
