/**
 * Checks the guardrail and the costs that it watches: the commit that shows a crossing of the threshold tells it, a trip names
 * a cost that is possible, and no cost falls within an epoch, because all of its parts only grow.
 */
import { exposureOf } from './audit-totals.ts';
import type { AuditContext, AuditPart, AuditTotals } from './audit-totals.ts';
import { count } from './audit-findings.ts';
import type { Place } from './audit-findings.ts';
import type { EventBodies, RoomEvent } from './events.ts';
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
  key: 'trips' | 'lock';
  place: Place;
}

/** What is known of the guardrail in an epoch. */
interface Watched {
  tripped: boolean;
  crossed: boolean;
  cost: EventBodies['cost'] | null;
  /** The largest virtual cost that was told. */
  atLeastUsd: number;
  claims: Claim[];
}

/**
 * Checks the guardrail's events: trips, clears, crossings, and costs that never fall.
 * @param addsUp false for a newest cost whose sums are wrong, which is not compared with what was claimed before it
 */
export function guardrailAuditor({ totals, findings }: AuditContext, addsUp: () => boolean): AuditPart {
  let [costs, trips, crossings] = [0, 0, 0];
  let epoch = unwatched();
  /** A crossing that is not told yet; an event of the same commit, with the same `atMs`, has to tell it. */
  let untold: { what: string; atMs: number; place: Place } | null = null;

  const settle = () => {
    if (untold) findings.crossings.wrong(untold.what, untold.place);
    untold = null;
  };
  /** Notes that an event shows a virtual cost of `usd`; while the guardrail is tripped no crossing has to be told. */
  const shows = ({ seq, atMs }: RoomEvent, usd: number, how: string) => {
    const threshold = thresholdOf(totals);
    if (!totals.opened || usd < threshold || epoch.crossed || epoch.tripped) return;
    untold ??= {
      what: `event ${seq}: $${usd} of $${threshold}${how}`,
      atMs,
      place: findings.crossings.here(),
    };
  };
  const claim = (seq: number, virtualUsd: number, key: Claim['key']) => {
    const exposure = exposureOf(totals);
    const least = Math.max(epoch.atLeastUsd, usdFromPico(exposure));
    if (virtualUsd < least) findings[key].wrong(`event ${seq}: $${virtualUsd}, at least $${least} by then`);
    epoch.claims.push({ seq, virtualUsd, exposure, key, place: findings[key].here() });
    epoch.atLeastUsd = Math.max(epoch.atLeastUsd, virtualUsd);
  };
  return {
    any({ kind, atMs }) {
      if (untold?.atMs !== atMs || kind === 'reset') settle();
    },
    guardrail({ seq, body: { state, by, virtualUsd } }) {
      if (!totals.opened) return;
      const threshold = thresholdOf(totals);
      const wrong = (what: string) => findings.trips.wrong(`event ${seq}: ${what}`);
      const crosses = virtualUsd >= threshold && !epoch.crossed;
      if ((state === 'tripped') === epoch.tripped) {
        wrong(`${state} what was ${epoch.tripped ? '' : 'not '}tripped`);
      }
      if (by === 'threshold') {
        trips += 1;
        if (state === 'cleared') wrong('the threshold cleared it');
        if (virtualUsd < threshold) wrong(`$${virtualUsd} of $${threshold}`);
        if (epoch.crossed) wrong('the crossing was told before');
      } else if (state === 'tripped' && crosses) {
        wrong(`tripped by hand at $${virtualUsd} of $${threshold}: the threshold is first`);
      }
      claim(seq, virtualUsd, 'trips');
      epoch.tripped = state === 'tripped';
      if (!crosses) return;
      epoch.crossed = true;
      untold = null;
      crossings += 1;
    },
    oversold: (event) => shows(event, usdFromPico(exposureOf(totals)), ' of exposure alone'),
    cost(event) {
      if (!totals.opened) return;
      const { seq, body } = event;
      costs += 1;
      shows(event, body.virtualUsd, '');
      for (const fall of fallsOf(epoch.cost, body)) findings.grows.wrong(`event ${seq}: ${fall}`);
      if (body.virtualUsd < epoch.atLeastUsd) {
        findings.grows.wrong(`event ${seq}: virtualUsd ${body.virtualUsd} after ${epoch.atLeastUsd}`);
      }
      for (const { seq: claimed, virtualUsd, exposure, key, place } of addsUp() ? epoch.claims : []) {
        const most = picoFromUsd(body.virtualUsd) - picoFromUsd(body.exposureUsd) + exposure;
        if (picoFromUsd(virtualUsd) <= most + slackOf(body.virtualUsd + virtualUsd)) continue;
        const what = `event ${claimed}: $${virtualUsd}, at most $${usdFromPico(most)} by event ${seq}`;
        findings[key].wrong(what, place);
      }
      epoch.claims = [];
      epoch.cost = body;
      epoch.atLeastUsd = Math.max(epoch.atLeastUsd, body.virtualUsd);
    },
    locked({ seq, body }) {
      if (totals.opened) claim(seq, body.virtualUsd, 'lock');
    },
    reset() {
      if (totals.opened) epoch = unwatched();
    },
    finish() {
      settle();
      const told = count(costs, 'cost event');
      findings.trips.figure = count(trips, 'threshold trip');
      findings.crossings.figure = `${count(crossings, 'crossing')} in ${told}`;
      findings.grows.figure = told;
    },
  };
}

/** What a cost has less of than the one before. */
function* fallsOf(before: EventBodies['cost'] | null, body: EventBodies['cost']): Generator<string> {
  for (const amount of GROWING) {
    const [then, now] = [before?.[amount] ?? 0, body[amount]];
    if (now !== undefined && now < then) yield `${amount} ${now} after ${then}`;
  }
  for (const part of ['meters', 'taps'] as const) {
    for (const meter of METERS) {
      const [then = 0, now = 0] = [before?.[part]?.[meter], body[part]?.[meter]];
      if (body[part] && now < then) yield `${part} ${meter} ${now} after ${then}`;
    }
  }
}

function unwatched(): Watched {
  return { tripped: false, crossed: false, cost: null, atLeastUsd: 0, claims: [] };
}

function thresholdOf({ opened }: AuditTotals): number {
  return opened?.config.virtualCostThreshold ?? Infinity;
}
