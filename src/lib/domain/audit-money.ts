/**
 * The audit's own arithmetic of the money: what the ledger and the lock tell, held against amounts worked
 * out again from units and prices. Amounts above $8,192 have no exact form as decimal USD to the pico-USD; platform cost,
 * from which the others are worked out, stays thousands of times below that.
 */
import { exposureOf } from './audit-totals.ts';
import type { AuditContext, AuditPart, AuditTotals } from './audit-totals.ts';
import { count } from './audit-findings.ts';
import { assert } from './assert.ts';
import type { EventBodies } from './events.ts';
import type { LedgerTotals } from './ledger.ts';
import { picoFromUsd, PICO_PER_CENT, slackOf, toDecimal, usdFromPico } from './money.ts';
import { METERS } from './prices.ts';
import type { MeterCounts } from './prices.ts';

/** Holds ledger and lock to their rules. */
export function moneyAuditor({ totals, findings }: AuditContext): AuditPart & {
  /** True unless the newest `cost` event tells sums that do not come out. */
  addsUp(): boolean;
  /**
   * Holds a ledger that a state shows to the newest that was told. Frames show that one; an answer over HTTP may be fresher,
   * because costs are told once a second, and never behind it.
   */
  holdLedger(shown: LedgerTotals): void;
} {
  let costs = 0;
  /** In this epoch, and in all of them. */
  let lockTold = false;
  let lockEverTold = false;
  let carried = 0n;
  let toldUsd = 0;
  let mostUsd = 0;
  let newest: LedgerTotals | null = null;
  /** From the first event that tells what taps cost. */
  let tellsTaps = false;
  let addsUp = true;

  const limitUsd = () => totals.opened?.config.demoCostLimit ?? 0;
  /** What is billed of a scaled virtual cost on top of what earlier epochs were: nothing that would pass the limit. */
  const held = (limit: bigint, scaled: bigint) => {
    const due = carried + cents(scaled);
    if (due <= limit) return due;
    return cents(limit) > carried ? cents(limit) : carried;
  };

  /** Holds what a `cost` event says of its sums to the quantities and prices behind them. False when they do not follow. */
  const holdQuantities = (
    { tapsUsd, meters, taps, platformUsd }: EventBodies['cost'],
    where: string,
  ): boolean => {
    if (tapsUsd === undefined && !meters && !taps && !tellsTaps) return true;
    tellsTaps = true;
    const wrongs: string[] = [];
    if (tapsUsd === undefined || !meters || !taps) {
      wrongs.push('taps, quantities and their sums are not all told');
    } else {
      for (const [what, usd, quantities] of [
        ['platform', platformUsd, meters],
        ['taps', tapsUsd, taps],
      ] as const) {
        const worked = usdFromPico(priced(quantities, totals));
        if (usd !== worked) wrongs.push(`${what} $${usd}, worked out $${worked}`);
      }
      for (const meter of METERS) {
        const [all = 0, ofTaps = 0] = [meters[meter], taps[meter]];
        if (ofTaps > all) wrongs.push(`${ofTaps} of ${all} ${meter} by taps`);
      }
    }
    for (const what of wrongs) findings.virtual.wrong(`${where}: ${what}`);
    return wrongs.length === 0;
  };

  /** Holds a ledger that was told to the money rules. False when its sums do not come out. */
  const holdSums = (told: LedgerTotals, where: string): boolean => {
    if (!totals.opened) return false;
    const { virtualLoadFactor, billingScale, demoCostLimit } = totals.opened.config;
    // A log that does not tell what taps cost is of a room that took everything for theirs.
    const taps = picoFromUsd(told.tapsUsd ?? told.platformUsd);
    const exposure = exposureOf(totals);
    const virtual = times(taps, virtualLoadFactor) + exposure;
    const scaled = times(virtual, billingScale);
    const limit = picoFromUsd(demoCostLimit);
    const due = carried + cents(scaled);

    const same = (line: 'exposure' | 'virtual' | 'real', usd: number, pico: bigint): boolean => {
      const worked = usdFromPico(pico);
      if (usd !== worked) findings[line].wrong(`${where}: $${usd}, worked out $${worked}`);
      return usd === worked;
    };
    const sums = [
      same('exposure', told.exposureUsd, exposure),
      same('virtual', told.virtualUsd, virtual),
      same('real', told.realUsd, held(limit, scaled)),
    ];
    if (told.loadFactor !== virtualLoadFactor) findings.virtual.wrong(`${where}: factor ${told.loadFactor}`);
    if (told.billingScale !== billingScale) findings.real.wrong(`${where}: scale ${told.billingScale}`);
    holdLimit(told, where);
    if (told.locked !== (due > limit || lockTold)) {
      const why = lockTold ? 'a refusal was told' : `$${usdFromPico(due)} due of $${demoCostLimit}`;
      findings.lock.wrong(`${where}: ${told.locked ? '' : 'not '}locked, ${why}`);
    }
    if (told.realUsd > 0 && demoCostLimit === 0) findings.lock.wrong(`${where}: $${told.realUsd} spent`);
    return sums.every(Boolean);
  };
  const holdLimit = (told: Pick<LedgerTotals, 'limitUsd' | 'realUsd'>, where: string) => {
    const limit = limitUsd();
    if (told.limitUsd !== limit) findings.limit.wrong(`${where}: limit $${told.limitUsd}`);
    if (told.realUsd > limit) findings.limit.wrong(`${where}: $${told.realUsd} of $${limit}`);
  };
  /** Holds what a lock says was billed to the virtual cost that it tells, within what a double of its size can tell apart. */
  const holdLocked = (seq: number, { virtualUsd, realUsd }: EventBodies['locked']) => {
    if (!totals.opened) return;
    const { billingScale, demoCostLimit } = totals.opened.config;
    const [virtual, slack] = [picoFromUsd(virtualUsd), slackOf(virtualUsd)];
    const [least, most] = [virtual - slack, virtual + slack].map((pico) =>
      usdFromPico(held(picoFromUsd(demoCostLimit), times(pico, billingScale))),
    );
    if (realUsd === least || realUsd === most) return;
    findings.real.wrong(`event ${seq}: $${realUsd}, worked out $${least}`);
  };

  return {
    addsUp: () => addsUp,
    cost({ seq, body }) {
      costs += 1;
      toldUsd = Math.max(toldUsd, body.realUsd);
      mostUsd = Math.max(mostUsd, body.realUsd);
      newest = body;
      const follows = holdQuantities(body, `event ${seq}`);
      addsUp = holdSums(body, `event ${seq}`) && follows;
    },
    locked({ seq, body }) {
      if (lockTold) findings.lock.wrong(`event ${seq} engages the lock a second time`);
      holdLimit(body, `event ${seq}`);
      holdLocked(seq, body);
      lockTold = true;
      lockEverTold = true;
    },
    reset({ seq, body: { realCarriedUsd: usd } }) {
      if (usd < toldUsd) {
        findings.real.wrong(`event ${seq} carries $${usd} of the $${toldUsd} that were told`);
      }
      if (picoFromUsd(usd) % PICO_PER_CENT !== 0n) {
        findings.real.wrong(`event ${seq} carries $${usd}, which are no whole cents`);
      }
      if (usd > limitUsd()) findings.limit.wrong(`event ${seq} carries $${usd} of $${limitUsd()}`);
      carried = picoFromUsd(usd);
      toldUsd = usd;
      mostUsd = Math.max(mostUsd, usd);
      newest = null;
      lockTold = false;
    },
    holdLedger(shown) {
      if (!totals.opened) return;
      const { virtualLoadFactor, demoCostLimit } = totals.opened.config;
      for (const sum of ['virtualUsd', 'platformUsd', 'tapsUsd', 'exposureUsd', 'realUsd'] as const) {
        const [now, told] = [shown[sum] ?? 0, newest?.[sum] ?? 0];
        if (now < told) findings.state.wrong(`${sum} $${now}, told $${told}`);
      }
      const { virtualUsd, realUsd } = shown;
      const taps = picoFromUsd(shown.tapsUsd ?? shown.platformUsd);
      const virtual = usdFromPico(times(taps, virtualLoadFactor) + picoFromUsd(shown.exposureUsd));
      if (virtualUsd !== virtual) findings.state.wrong(`virtualUsd $${virtualUsd}, worked out $${virtual}`);
      if (realUsd > demoCostLimit) findings.state.wrong(`realUsd $${realUsd} of $${demoCostLimit}`);
    },
    finish() {
      const told = count(costs, 'cost event');
      findings.exposure.figure = `$${newest?.exposureUsd ?? 0} (${told})`;
      findings.virtual.figure = `$${newest?.virtualUsd ?? 0} (${told})`;
      findings.real.figure = `$${newest?.realUsd ?? 0} (${told})`;
      findings.limit.figure = `at most $${mostUsd} of $${limitUsd()}`;
      findings.lock.figure = `$${mostUsd}, lock ${lockEverTold ? 'engaged' : 'not engaged'}`;
    },
  };
}

function cents(pico: bigint): bigint {
  return pico - (pico % PICO_PER_CENT);
}

/** In pico-USD, by the prices of the opening event; each meter on its own, to the pico-USD below. */
function priced(quantities: MeterCounts, totals: AuditTotals): bigint {
  let sum = 0n;
  for (const meter of METERS) {
    const thousandths = BigInt(Math.round((quantities[meter] ?? 0) * 1_000));
    sum += (thousandths * picoFromUsd(totals.opened?.prices[meter] ?? 0)) / 1_000n;
  }
  return sum;
}

function times(pico: bigint, factor: number): bigint {
  const decimal = toDecimal(factor);
  assert(decimal, 'a factor that passed the form of its event is a decimal');
  return (pico * decimal.digits) / 10n ** BigInt(decimal.places);
}
