/**
 * An honest log of any length, told by the domain's own rules: both lanes, races of several shoppers, a cost line and
 * refusals now and then, a reset whenever the stock has been sold, and before it a guess, a drill and
 * an incident. Most events are allocations, as in a show that is hammered.
 */
import type { EventDraft, RoomEvent } from '#lib/domain/events.ts';
import { closeGuess, guessMax } from '#lib/domain/guess.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import type { Buyer } from '#lib/domain/settle.ts';
import { fits } from '#lib/domain/write.ts';
import type { Reading } from '#lib/domain/write.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import { Database } from '../../domain/support/database.ts';
import { opNo } from '../../domain/support/op.ts';
import { Random } from '../../domain/support/random.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from '../../domain/support/room-facts.ts';
import { Till } from '../../domain/support/till.ts';

/** Units of each lane between two resets. */
const CAPACITY = 2_000;
/** Shoppers that read the same version, at most. */
const MOST_RIVALS = 12;
/** Once in so many races, one that read before the race before writes last: what it had lost comes back. */
const LATE_ONCE_IN = 5;

/** Events of a show of at least `events`, all checks of which hold. */
export function longLog(events: number, seed = 1): RoomEvent[] {
  return new LongShow(seed).play(events);
}

class LongShow {
  readonly #random: Random;
  readonly #sku = { ...SKU, capacity: CAPACITY };
  readonly #log = new Log({ ...openedBody(this.#sku), mode: 'both' });
  readonly #till = new Till(DEFAULT_CONFIG, this.#sku, this.#log.facts);
  readonly #database = new Database(CAPACITY);
  #ops = 0;
  #late: Reading | null = null;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  play(events: number): RoomEvent[] {
    const { facts } = this.#log;
    while (facts.seq < events) {
      this.#race();
      if (this.#random.oneIn(4)) this.#tellCost();
      const { allocated } = this.#database.read();
      if (allocated >= CAPACITY && ofLane(facts.lanes, 'safe').acknowledged >= CAPACITY) this.#reset();
    }
    return this.#log.events;
  }

  /** Some shoppers read the same version and write one after the other; each buys on the safe lane too. */
  #race(): void {
    const reading = this.#database.read();
    const refused = { safe: 0, eventual: 0 };
    for (let rivals = this.#random.between(1, MOST_RIVALS); rivals > 0; rivals--) {
      this.#till.charge();
      const buyer = this.#buyer();
      if (fits(ofLane(this.#log.facts.lanes, 'safe').acknowledged, CAPACITY, buyer.units)) {
        this.#commit(...draftsOfGrant(this.#log.facts, 'safe', buyer));
      } else refused.safe += 1;
      if (fits(reading.allocated, CAPACITY, buyer.units)) this.#write(reading, buyer);
      else refused.eventual += 1;
    }
    if (this.#late) this.#write(this.#late, this.#buyer());
    this.#late = this.#random.oneIn(LATE_ONCE_IN) ? reading : null;
    for (const lane of ['safe', 'eventual'] as const) {
      if (refused[lane] === 0) continue;
      this.#log.tell({ kind: 'refused', body: { lane, counts: { OUT_OF_STOCK: refused[lane] } } });
    }
  }

  #write(reading: Reading, buyer: Buyer): void {
    const write = this.#database.write(reading, buyer);
    const times = { readAtMs: this.#log.nowMs - 100, wroteAtMs: this.#log.nowMs };
    this.#commit(...draftsOfWrite(this.#log.facts, 'eventual', buyer, write, times));
  }

  /** As a room does: the last word of each commit is the threshold's. */
  #commit(...drafts: readonly EventDraft[]): void {
    this.#log.tellAtOnce(...drafts);
    this.#watchThreshold();
  }

  #buyer(): Buyer {
    this.#ops += 1;
    return {
      op: opNo(this.#ops),
      who: `amber-otter-${this.#random.between(1, 300)}`,
      units: 1,
      sim: this.#random.oneIn(4),
    };
  }

  #watchThreshold(): void {
    const { guardrail } = this.#log.facts;
    const { virtual } = this.#till.account();
    if (!guardrail.tripped && !guardrail.crossed && virtual >= this.#till.rules.threshold) {
      const body = { state: 'tripped' as const, by: 'threshold' as const, virtualUsd: usdFromPico(virtual) };
      this.#log.tellNow({ kind: 'guardrail', body });
    }
  }

  #tellCost(): void {
    this.#log.tick();
    this.#watchThreshold();
    this.#log.tellNow({ kind: 'cost', body: this.#till.ledger() });
  }

  #reset(): void {
    const { facts } = this.#log;
    this.#tellAsides();
    const realCarriedUsd = usdFromPico(this.#till.account().real);
    const body = { by: 'presenter', fromEpoch: facts.epoch, toEpoch: facts.epoch + 1, realCarriedUsd };
    this.#log.tell({ kind: 'reset', body });
    this.#till.reset();
    this.#late = null;
    this.#database.startEpoch(facts.epoch);
  }
  /** What else is in the log of a show: the script goes on, a figure is guessed, sockets are cut, a check turns red and green. */
  #tellAsides(): void {
    const log = this.#log;
    const by = 'amber-otter-1';
    log.tell({ kind: 'step', body: { step: 3, by } });
    const asked = { state: 'opened', by, question: 'eventual-lost', max: guessMax(CAPACITY) } as const;
    log.tell({ kind: 'guess', body: asked });
    const answers = Array.from({ length: 40 }, () => this.#random.between(0, CAPACITY));
    const closed = closeGuess(log.facts.guess, answers, by);
    if (closed) log.tell({ kind: 'guess', body: closed });
    const told = {
      n: 4,
      left: 1,
      buckets: [
        [30, 1],
        [55, 3],
      ],
    } as const;
    log.tell({ kind: 'latency', body: { lanes: { safe: told }, phones: 300 } });
    log.tell({ kind: 'drill', body: { kind: 'drop', by, sockets: 300, wakes: 1 } });
    const clients = Array.from({ length: 20 }, (_, place) => ({
      who: `amber-otter-${place + 1}`,
      waitedMs: 400,
      ms: 38.2,
      missing: 0,
    }));
    log.tell({ kind: 'recovered', body: { drill: log.facts.seq, clients } });
    const check = { check: 'A check', expected: 'one thing', found: 'another' };
    log.tell({ kind: 'incident', body: { ...check, state: 'red' } });
    log.tell({ kind: 'incident', body: { ...check, state: 'green' } });
  }
}
