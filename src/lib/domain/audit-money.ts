/**
 * The audit's own arithmetic of the money: what the ledger and the lock tell, held against amounts worked
 * out again from units and prices. Amounts above $8,192 have no exact form as decimal USD to the pico-USD; platform cost,
 * from which the others are worked out, stays thousands of times below that.
 */
import { exposureOf } from './audit-books.ts';
import type { Books } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import { assert } from './assert.ts';
import type { EventBodies, EventOf, RoomEvent } from './events.ts';
import type { LedgerTotals } from './ledger.ts';
import { picoFromUsd, PICO_PER_CENT, slackOf, toDecimal, usdFromPico } from './money.ts';
import { METERS } from './prices.ts';
import type { MeterCounts } from './prices.ts';

/** Holds ledger and lock to their rules. */
export class MoneyAuditor {
  #costs = 0;
  /** Of this epoch, and of all. */
  #lockTold = false;
  #lockEverTold = false;
  #carried = 0n;
  #told = 0;
  #most = 0;
  #newest: LedgerTotals | null = null;
  /** From the first event that tells what taps cost. */
  #tellsTaps = false;

  /** Takes an event that has been entered in the books. False when it tells a ledger that does not come out. */
  take(event: RoomEvent, books: Books, findings: Findings): boolean {
    if (event.kind === 'locked') this.#locked(event.seq, event.body, books, findings);
    if (event.kind === 'reset') this.#reset(event, books, findings);
    if (event.kind === 'cost') {
      this.#costs += 1;
      this.#told = Math.max(this.#told, event.body.realUsd);
      this.#most = Math.max(this.#most, event.body.realUsd);
      this.#newest = event.body;
      const follows = this.#quantities(event, books, findings);
      return this.#ledger(event.body, `event ${event.seq}`, books, findings) && follows;
    }
    return true;
  }

  /**
   * Holds a ledger that a state shows to the newest that was told. Frames show that one; an answer over HTTP may be fresher,
   * because costs are told once a second, and never behind it.
   */
  shown(shown: LedgerTotals, books: Books, findings: Findings): void {
    if (!books.opened) return;
    const { virtualLoadFactor, demoCostLimit } = books.opened.config;
    for (const sum of ['virtualUsd', 'platformUsd', 'tapsUsd', 'exposureUsd', 'realUsd'] as const) {
      const [now, told] = [shown[sum] ?? 0, this.#newest?.[sum] ?? 0];
      if (now < told) findings.state.wrong(`${sum} $${now}, told $${told}`);
    }
    const taps = picoFromUsd(shown.tapsUsd ?? shown.platformUsd);
    const virtual = usdFromPico(times(taps, virtualLoadFactor) + picoFromUsd(shown.exposureUsd));
    if (shown.virtualUsd !== virtual)
      findings.state.wrong(`virtualUsd $${shown.virtualUsd}, worked out $${virtual}`);
    if (shown.realUsd > demoCostLimit) findings.state.wrong(`realUsd $${shown.realUsd} of $${demoCostLimit}`);
  }

  /** Holds what a `cost` event says of its sums to the quantities and prices behind them. False when they do not follow. */
  #quantities({ seq, body }: EventOf<'cost'>, books: Books, findings: Findings): boolean {
    const { tapsUsd, meters, taps } = body;
    if (tapsUsd === undefined && !meters && !taps && !this.#tellsTaps) return true;
    this.#tellsTaps = true;
    let follows = true;
    const wrong = (what: string) => {
      follows = false;
      findings.virtual.wrong(`event ${seq}: ${what}`);
    };
    if (tapsUsd === undefined || !meters || !taps) {
      wrong('taps, quantities and their sums are not all told');
      return false;
    }
    const same = (what: string, usd: number, quantities: MeterCounts) => {
      const worked = usdFromPico(priced(quantities, books));
      if (usd !== worked) wrong(`${what} $${usd}, worked out $${worked}`);
    };
    same('platform', body.platformUsd, meters);
    same('taps', tapsUsd, taps);
    for (const meter of METERS) {
      const [all = 0, ofTaps = 0] = [meters[meter], taps[meter]];
      if (ofTaps > all) wrong(`${ofTaps} of ${all} ${meter} by taps`);
    }
    return follows;
  }

  /** Holds a ledger that was told to the money rules. False when its sums do not come out. */
  #ledger(told: LedgerTotals, where: string, books: Books, findings: Findings): boolean {
    if (!books.opened) return false;
    const { config } = books.opened;
    // A log that does not tell what taps cost is of a room that took everything for theirs.
    const taps = picoFromUsd(told.tapsUsd ?? told.platformUsd);
    const exposure = exposureOf(books);
    const virtual = times(taps, config.virtualLoadFactor) + exposure;
    const limit = picoFromUsd(config.demoCostLimit);
    const due = this.#carried + cents(times(virtual, config.billingScale));
    const real = this.#heldAt(limit, times(virtual, config.billingScale));

    const same = (line: 'exposure' | 'virtual' | 'real', usd: number, pico: bigint): boolean => {
      const worked = usdFromPico(pico);
      if (usd !== worked) findings[line].wrong(`${where}: $${usd}, worked out $${worked}`);
      return usd === worked;
    };
    const sums = [
      same('exposure', told.exposureUsd, exposure),
      same('virtual', told.virtualUsd, virtual),
      same('real', told.realUsd, real),
    ];
    if (told.loadFactor !== config.virtualLoadFactor)
      findings.virtual.wrong(`${where}: factor ${told.loadFactor}`);
    if (told.billingScale !== config.billingScale)
      findings.real.wrong(`${where}: scale ${told.billingScale}`);
    if (told.limitUsd !== config.demoCostLimit) findings.limit.wrong(`${where}: limit $${told.limitUsd}`);
    if (told.realUsd > config.demoCostLimit) {
      findings.limit.wrong(`${where}: $${told.realUsd} of $${config.demoCostLimit}`);
    }
    if (told.locked !== (due > limit || this.#lockTold)) {
      const why = this.#lockTold
        ? 'a refusal was told'
        : `$${usdFromPico(due)} due of $${config.demoCostLimit}`;
      findings.lock.wrong(`${where}: ${told.locked ? '' : 'not '}locked, ${why}`);
    }
    if (told.realUsd > 0 && config.demoCostLimit === 0)
      findings.lock.wrong(`${where}: $${told.realUsd} spent`);
    return sums.every(Boolean);
  }

  /** Ends the log and sets the figures. */
  finish(books: Books, findings: Findings): void {
    const costs = count(this.#costs, 'cost event');
    findings.exposure.figure = `$${this.#newest?.exposureUsd ?? 0} (${costs})`;
    findings.virtual.figure = `$${this.#newest?.virtualUsd ?? 0} (${costs})`;
    findings.real.figure = `$${this.#newest?.realUsd ?? 0} (${costs})`;
    findings.limit.figure = `at most $${this.#most} of $${books.opened?.config.demoCostLimit ?? 0}`;
    findings.lock.figure = `$${this.#most}, lock ${this.#lockEverTold ? 'engaged' : 'not engaged'}`;
  }

  #locked(seq: number, body: EventBodies['locked'], books: Books, findings: Findings): void {
    const limit = books.opened?.config.demoCostLimit ?? 0;
    if (this.#lockTold) findings.lock.wrong(`event ${seq} engages the lock a second time`);
    if (body.limitUsd !== limit) findings.limit.wrong(`event ${seq}: limit $${body.limitUsd}`);
    if (body.realUsd > limit) findings.limit.wrong(`event ${seq}: $${body.realUsd} of $${limit}`);
    this.#lockedReal(seq, body, books, findings);
    this.#lockTold = true;
    this.#lockEverTold = true;
  }

  /** Of the virtual cost that was told, within what a double of its size can tell apart. */
  #lockedReal(seq: number, body: EventBodies['locked'], books: Books, findings: Findings): void {
    if (!books.opened) return;
    const { billingScale, demoCostLimit } = books.opened.config;
    const slack = slackOf(body.virtualUsd);
    const virtual = picoFromUsd(body.virtualUsd);
    const [least, most] = [virtual - slack, virtual + slack].map((pico) =>
      usdFromPico(this.#heldAt(picoFromUsd(demoCostLimit), times(pico, billingScale))),
    );
    if (body.realUsd === least || body.realUsd === most) return;
    findings.real.wrong(`event ${seq}: $${body.realUsd}, worked out $${least}`);
  }

  /** What is billed of a scaled virtual cost on top of what earlier epochs were: nothing that would pass the limit. */
  #heldAt(limit: bigint, scaled: bigint): bigint {
    const due = this.#carried + cents(scaled);
    if (due <= limit) return due;
    return cents(limit) > this.#carried ? cents(limit) : this.#carried;
  }

  #reset(event: EventOf<'reset'>, books: Books, findings: Findings): void {
    const { realCarriedUsd } = event.body;
    const limit = books.opened?.config.demoCostLimit ?? 0;
    if (realCarriedUsd < this.#told) {
      findings.real.wrong(
        `event ${event.seq} carries $${realCarriedUsd} of the $${this.#told} that were told`,
      );
    }
    if (picoFromUsd(realCarriedUsd) % PICO_PER_CENT !== 0n)
      findings.real.wrong(`event ${event.seq} carries $${realCarriedUsd}, which are no whole cents`);
    if (realCarriedUsd > limit)
      findings.limit.wrong(`event ${event.seq} carries $${realCarriedUsd} of $${limit}`);
    this.#carried = picoFromUsd(realCarriedUsd);
    this.#told = realCarriedUsd;
    this.#most = Math.max(this.#most, realCarriedUsd);
    this.#newest = null;
    this.#lockTold = false;
  }
}

function cents(pico: bigint): bigint {
  return pico - (pico % PICO_PER_CENT);
}

/** In pico-USD, by the prices of the opening event; each meter on its own, to the pico-USD below. */
function priced(quantities: MeterCounts, books: Books): bigint {
  let sum = 0n;
  for (const meter of METERS) {
    const thousandths = BigInt(Math.round((quantities[meter] ?? 0) * 1_000));
    sum += (thousandths * picoFromUsd(books.opened?.prices[meter] ?? 0)) / 1_000n;
  }
  return sum;
}

function times(pico: bigint, factor: number): bigint {
  const decimal = toDecimal(factor);
  assert(decimal, 'a factor that passed the form of its event is a decimal');
  return (pico * decimal.digits) / 10n ** BigInt(decimal.places);
}
