/**
 * Checks the guardrail and the costs that it watches: the commit that shows a crossing of the threshold tells it, a trip names
 * a cost that is possible, and no cost falls within an epoch, because all of its parts only grow.
 */
import { exposureOf } from './audit-books.ts';
import type { Books } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Finding, Findings, Place } from './audit-findings.ts';
import type { EventBodies, EventOf, RoomEvent } from './events.ts';
import { picoFromUsd, slackOf, usdFromPico } from './money.ts';
import type { PicoUsd } from './money.ts';
import { METERS } from './prices.ts';

/** Amounts that never fall within an epoch. */
const GROWING = [
  'platformUsd',
  'tapsUsd',
  'exposureUsd',
  'virtualUsd',
] as const satisfies readonly (keyof EventBodies['cost'])[];

/** A virtual cost without its parts; the next `cost` event is an upper bound for the part that taps caused. */
interface Claim {
  seq: number;
  virtualUsd: number;
  exposure: PicoUsd;
  finding: Finding;
  place: Place;
}

/** Checks the guardrail's events: trips, clears, crossings, and costs that never fall. */
export class GuardrailAuditor {
  #costs = 0;
  #trips = 0;
  #crossings = 0;
  /** Of this epoch. */
  #tripped = false;
  #crossed = false;
  #cost: EventBodies['cost'] | null = null;
  #atLeastUsd = 0;
  #claims: Claim[] = [];
  /** A crossing that is not told yet; an event of the same commit, with the same `atMs`, has to tell it. */
  #untold: { what: string; atMs: number; place: Place } | null = null;

  /**
   * Takes an event after it was added to the totals.
   * @param comesOut false for a cost whose sums are wrong, which is not compared with earlier costs
   */
  take(event: RoomEvent, books: Books, findings: Findings, comesOut: boolean): void {
    if (!books.opened) return;
    if (this.#untold?.atMs !== event.atMs || event.kind === 'reset') this.#settle(findings);
    if (event.kind === 'guardrail') this.#guardrail(event, books, findings);
    if (event.kind === 'oversold') {
      this.#shows(event, usdFromPico(exposureOf(books)), 'of exposure alone', books, findings);
    }
    if (event.kind === 'cost') this.#costTold(event, books, findings, comesOut);
    if (event.kind === 'locked') this.#claim(event.seq, event.body.virtualUsd, books, findings.lock);
    if (event.kind === 'reset') this.#reset();
  }

  /** Ends the log and sets the figures. */
  finish(findings: Findings): void {
    this.#settle(findings);
    const costs = count(this.#costs, 'cost event');
    findings.trips.figure = count(this.#trips, 'threshold trip');
    findings.crossings.figure = `${count(this.#crossings, 'crossing')} in ${costs}`;
    findings.grows.figure = costs;
  }

  #guardrail({ seq, body }: EventOf<'guardrail'>, books: Books, findings: Findings): void {
    const { state, by, virtualUsd } = body;
    const threshold = thresholdOf(books);
    const wrong = (what: string) => findings.trips.wrong(`event ${seq}: ${what}`);
    const crosses = virtualUsd >= threshold && !this.#crossed;
    if ((state === 'tripped') === this.#tripped)
      wrong(`${state} what was ${this.#tripped ? '' : 'not '}tripped`);
    if (by === 'threshold') {
      this.#trips += 1;
      if (state === 'cleared') wrong('the threshold cleared it');
      if (virtualUsd < threshold) wrong(`$${virtualUsd} of $${threshold}`);
      if (this.#crossed) wrong('the crossing was told before');
    } else if (state === 'tripped' && crosses) {
      wrong(`tripped by hand at $${virtualUsd} of $${threshold}: the threshold is first`);
    }
    this.#claim(seq, virtualUsd, books, findings.trips);
    this.#tripped = state === 'tripped';
    if (!crosses) return;
    this.#crossed = true;
    this.#untold = null;
    this.#crossings += 1;
  }

  #costTold(event: EventOf<'cost'>, books: Books, findings: Findings, comesOut: boolean): void {
    const { seq, body } = event;
    this.#costs += 1;
    this.#shows(event, body.virtualUsd, '', books, findings);
    for (const amount of GROWING) {
      const [before, now] = [this.#cost?.[amount] ?? 0, body[amount]];
      if (now !== undefined && now < before)
        findings.grows.wrong(`event ${seq}: ${amount} ${now} after ${before}`);
    }
    for (const part of ['meters', 'taps'] as const) {
      const before = this.#cost?.[part] ?? {};
      for (const meter of METERS) {
        const [then = 0, now = 0] = [before[meter], body[part]?.[meter]];
        if (body[part] && now < then)
          findings.grows.wrong(`event ${seq}: ${part} ${meter} ${now} after ${then}`);
      }
    }
    if (body.virtualUsd < this.#atLeastUsd) {
      findings.grows.wrong(`event ${seq}: virtualUsd ${body.virtualUsd} after ${this.#atLeastUsd}`);
    }
    for (const claim of comesOut ? this.#claims : []) {
      const most = picoFromUsd(body.virtualUsd) - picoFromUsd(body.exposureUsd) + claim.exposure;
      if (picoFromUsd(claim.virtualUsd) <= most + slackOf(body.virtualUsd + claim.virtualUsd)) continue;
      const what = `event ${claim.seq}: $${claim.virtualUsd}, at most $${usdFromPico(most)} by event ${seq}`;
      claim.finding.wrong(what, claim.place);
    }
    this.#claims = [];
    this.#cost = body;
    this.#atLeastUsd = Math.max(this.#atLeastUsd, body.virtualUsd);
  }

  #claim(seq: number, virtualUsd: number, books: Books, finding: Finding): void {
    const exposure = exposureOf(books);
    const least = Math.max(this.#atLeastUsd, usdFromPico(exposure));
    if (virtualUsd < least) finding.wrong(`event ${seq}: $${virtualUsd}, at least $${least} by then`);
    this.#claims.push({ seq, virtualUsd, exposure, finding, place: finding.here() });
    this.#atLeastUsd = Math.max(this.#atLeastUsd, virtualUsd);
  }

  /** Notes that an event shows a virtual cost of `usd`; while the guardrail is tripped no crossing has to be told. */
  #shows({ seq, atMs }: RoomEvent, usd: number, how: string, books: Books, findings: Findings): void {
    const threshold = thresholdOf(books);
    if (usd < threshold || this.#crossed || this.#tripped) return;
    const what = `event ${seq}: $${usd} of $${threshold}${how && ` ${how}`}`;
    this.#untold ??= { what, atMs, place: findings.crossings.here() };
  }

  #settle(findings: Findings): void {
    if (this.#untold) findings.crossings.wrong(this.#untold.what, this.#untold.place);
    this.#untold = null;
  }

  #reset(): void {
    this.#tripped = false;
    this.#crossed = false;
    this.#cost = null;
    this.#atLeastUsd = 0;
    this.#claims = [];
  }
}

function thresholdOf({ opened }: Books): number {
  return opened?.config.virtualCostThreshold ?? Infinity;
}
