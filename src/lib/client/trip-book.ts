/**
 * The guardrail's newest trip of an epoch, as the log tells it: what was sold since, and which sale crossed the threshold
 * where the log leaves no doubt. The room tells a crossing with the commit that shows it, and a commit may hold many sales: one
 * of them is named only if neither the sales before it nor the taps around it can have been what crossed.
 */
import type { EventOf, GuardrailCause, RoomEvent } from '#lib/domain/events.ts';
import { oversoldUnits } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { exposureOf } from '#lib/domain/ledger.ts';
import { picoFromUsd, slackOf } from '#lib/domain/money.ts';
import type { PicoUsd } from '#lib/domain/money.ts';

/** One sale; `unit` is the last of its units, counted over all that its lane acknowledged in the epoch. */
export interface Sale {
  lane: LaneId;
  unit: number;
  who: string;
  sim: boolean;
}

/** A trip of the guardrail. */
export interface Trip {
  /** Of its event. */
  seq: number;
  by: GuardrailCause;
  /** Unix milliseconds. */
  atMs: number;
  /** The virtual cost that was told with it, decimal USD. */
  virtualUsd: number;
  /** The sale that crossed the threshold; null when the log does not say which, and of a trip by hand. */
  sale: Sale | null;
}

/** A sale since the ledger was told last, and what is owed after it. */
interface Noted extends Sale {
  owed: PicoUsd;
}

/** Takes a room's events in order. */
export class TripBook {
  #newest: Trip | null = null;
  #soldSince = 0;
  #sales: Noted[] = [];
  /** What was owed when the ledger was told last. */
  #owedBefore: PicoUsd = 0n;

  /** The newest trip of this epoch, also once it was cleared; null before the first. */
  get newest(): Trip | null {
    return this.#newest;
  }

  /** Units acknowledged on all lanes since that trip; null before the first. */
  get soldSince(): number | null {
    return this.#newest && this.#soldSince;
  }

  /** The next event; `facts` are the reducer's after it. */
  take(event: RoomEvent, facts: RoomFacts): void {
    if (event.kind === 'allocated') this.#sold(event, facts);
    else if (event.kind === 'guardrail' && event.body.state === 'tripped') this.#tripped(event, facts);
    else if (event.kind === 'cost') this.#told(owedIn(facts));
    else if (event.kind === 'reset') {
      this.#newest = null;
      this.#told(0n);
    }
  }

  #sold({ body: { lane, who, units, sim } }: EventOf<'allocated'>, facts: RoomFacts): void {
    this.#soldSince += units;
    const unit = ofLane(facts.lanes, lane).acknowledged;
    this.#sales.push({ lane, unit, who, sim: sim === true, owed: owedIn(facts) });
  }

  #tripped({ seq, atMs, body: { by, virtualUsd } }: EventOf<'guardrail'>, facts: RoomFacts): void {
    const sale = by === 'threshold' ? this.#crossing(virtualUsd, facts) : null;
    this.#newest = { seq, by, atMs, virtualUsd, sale };
    this.#soldSince = 0;
  }

  #told(owed: PicoUsd): void {
    this.#sales = [];
    this.#owedBefore = owed;
  }

  /** The cost of taps lay between what was told before these sales and what is told now: the sale that crossed whatever it was. */
  #crossing(virtualUsd: number, facts: RoomFacts): Sale | null {
    const threshold = picoFromUsd(facts.opened?.config.virtualCostThreshold ?? 0);
    const least = facts.cost ? picoFromUsd(facts.cost.virtualUsd) - picoFromUsd(facts.cost.exposureUsd) : 0n;
    const slack = slackOf(virtualUsd);
    const most = picoFromUsd(virtualUsd) - owedIn(facts) + slack;
    let owed = this.#owedBefore;
    for (const { owed: after, ...sale } of this.#sales) {
      if (owed + most < threshold && after + least - slack >= threshold) return sale;
      owed = after;
    }
    return null;
  }
}

function owedIn(facts: RoomFacts): PicoUsd {
  const { capacity = 0, unitPrice = 0 } = facts.opened?.sku ?? {};
  return exposureOf(oversoldUnits(facts, capacity), unitPrice);
}
