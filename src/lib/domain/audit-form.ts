/**
 * The form of every kind of event, as data. A log may come from anybody, so an audit counts an event only when its fields have
 * this form. The protocol's version is pinned to it as well. Longer than other files: the form of a log is one table.
 */
import { LAST_MS, MAX_CAPACITY, MAX_UNIT_PRICE, MAX_UNITS } from './bounds.ts';
import { COUNTED_CODES } from './codes.ts';
import type {
  EventBodies,
  EventKind,
  Recovery,
  RoomConfig,
  RoomEvent,
  Sku,
  ToldHistogram,
} from './events.ts';
import { DISTANCES_MS, ENGINE_LABELS, ENGINES } from './engines.ts';
import type { NamedEngine } from './engines.ts';
import { GUESS_QUESTIONS } from './guess-questions.ts';
import { LANE_IDS, MODES } from './lane.ts';
import { toDecimal } from './money.ts';
import { METERS } from './prices.ts';
import { STEPS } from './script.ts';
import { tellsWork } from './audit-work.ts';
import { RETRY_CAUSES } from './work.ts';
import type { Work } from './work.ts';

const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER) =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
const isDecimal = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && toDecimal(value) !== null;
const isWait = (value: unknown, most: number) => typeof value === 'number' && value >= 0 && value <= most;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** A metered quantity: exact to a thousandth (milliseconds of a second). */
const isQuantity = (value: unknown) =>
  typeof value === 'number' &&
  value > 0 &&
  value <= MOST_OF_A_METER &&
  value === Math.round(value * 1_000) / 1_000;
const isBucket = (value: unknown) =>
  Array.isArray(value) &&
  value.length === 2 &&
  isWhole(value[0], LEAST_BUCKET, MOST_BUCKET) &&
  isWhole(value[1], 1);
const isLane = (value: unknown) => LANE_IDS.some((lane) => lane === value);
const isCause = (value: string) => RETRY_CAUSES.some((cause) => cause === value);
const isCountedCode = (value: string) => COUNTED_CODES.some((code) => code === value);

/** Largest quantity of a meter: more than any room can cause, and small enough for a thousandth to be exact in a double. */
const MOST_OF_A_METER = 1e12;
/** Longest time that a client can report, and longest race window, milliseconds. */
const MOST_REPORTED_MS = 600_000;
/** Buckets of the shortest time that has one of its own, 0.001 ms, and of the longest that a client can report. */
const LEAST_BUCKET = -72;
const MOST_BUCKET = 140;
const MOST_RACE_WINDOW_MS = 5_000;

/** Types of fields, each with its test. */
const FIELD = {
  text: (value: unknown) => typeof value === 'string',
  whole: (value: unknown) => isWhole(value, 0),
  positive: (value: unknown) => isWhole(value, 1),
  decimal: isDecimal,
  units: (value: unknown) => isWhole(value, 1, MAX_UNITS),
  capacity: (value: unknown) => isWhole(value, 1, MAX_CAPACITY),
  price: (value: unknown) => isDecimal(value) && value <= MAX_UNIT_PRICE,
  flag: (value: unknown) => typeof value === 'boolean',
  yes: (value: unknown) => value === true,
  /** Unix milliseconds. */
  moment: (value: unknown) => isWhole(value, 0, LAST_MS),
  /** Milliseconds. */
  reported: (value: unknown) => isWait(value, MOST_REPORTED_MS),
  window: (value: unknown) => isWhole(value, 0, MOST_RACE_WINDOW_MS),
  lane: isLane,
  lanes: (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every(isLane) && new Set(value).size === value.length,
  engines: (value: unknown) =>
    isRecord(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([lane, engine]) => isLane(lane) && hasFields(engine, ENGINE_FORM)),
  engine: (value: unknown) => Object.values<unknown>(ENGINES).includes(value),
  label: (value: unknown) => ENGINE_LABELS.some((label) => label === value),
  distance: (value: unknown) => DISTANCES_MS.some((ms) => ms === value),
  retries: (value: unknown) =>
    isRecord(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([cause, times]) => isCause(cause) && isWhole(times, 1)),
  mode: (value: unknown) => MODES.some((mode) => mode === value),
  step: (value: unknown) => isWhole(value, 1) && (value as number) <= STEPS,
  action: (value: unknown) => value === 'warn' || value === 'block',
  cause: (value: unknown) => value === 'threshold' || value === 'presenter',
  change: (value: unknown) => value === 'tripped' || value === 'cleared',
  ending: (value: unknown) => value === 'expiry' || value === 'presenter',
  verdict: (value: unknown) => value === 'red' || value === 'green',
  drill: (value: unknown) => value === 'drop' || value === 'sleep',
  recoveries: (value: unknown) =>
    Array.isArray(value) && value.every((client) => hasFields(client, RECOVERY_FORM)),
  asking: (value: unknown) => value === 'opened' || value === 'closed' || value === 'dropped',
  question: (value: unknown) => GUESS_QUESTIONS.some((question) => question === value),
  buckets: (value: unknown) => Array.isArray(value) && value.every((times) => isWhole(times, 0)),
  quantities: (value: unknown) =>
    isRecord(value) &&
    Object.entries(value).every(
      ([meter, quantity]) => Object.hasOwn(PRICES_FORM, meter) && isQuantity(quantity),
    ),
  histograms: (value: unknown) =>
    isRecord(value) &&
    Object.entries(value).every(
      ([lane, told]) => isLane(lane) && hasFields(told, HISTOGRAM_FORM) && sumsUp(told),
    ),
  pairs: (value: unknown) => Array.isArray(value) && value.every(isBucket),
  sku: (value: unknown) => hasFields(value, SKU_FORM),
  config: (value: unknown) => hasFields(value, CONFIG_FORM),
  prices: (value: unknown) => hasFields(value, PRICES_FORM),
  counts: (value: unknown) =>
    isRecord(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([code, times]) => isCountedCode(code) && isWhole(times, 1)),
};

/** The name of a field's type; a question mark where the field is optional. */
type Field = keyof typeof FIELD | `${keyof typeof FIELD}?`;
type Form = Readonly<Record<string, Field>>;
type FormOf<T> = Readonly<Record<keyof T, Field>>;

const SKU_FORM: FormOf<Sku> = { id: 'text', name: 'text', capacity: 'capacity', unitPrice: 'price' };
const CONFIG_FORM: FormOf<RoomConfig> = {
  billingScale: 'decimal',
  demoCostLimit: 'decimal',
  virtualLoadFactor: 'decimal',
  virtualCostThreshold: 'decimal',
  guardrailAction: 'action',
  raceWindowMs: 'window',
};
const ENGINE_FORM: FormOf<NamedEngine> = { name: 'engine', label: 'label' };
const RECOVERY_FORM: FormOf<Recovery> = {
  who: 'text',
  waitedMs: 'reported',
  ms: 'reported',
  missing: 'whole',
};
const PRICES_FORM: Form = Object.fromEntries(METERS.map((meter) => [meter, 'decimal']));
const HISTOGRAM_FORM: FormOf<ToldHistogram> = { n: 'whole', left: 'positive?', buckets: 'pairs' };
const FATE_FORM: FormOf<EventBodies['lost']> = {
  lane: 'lane',
  op: 'text',
  who: 'text',
  units: 'units',
  by: 'text',
  byWho: 'text',
  parentVersion: 'whole',
  version: 'positive',
  storedBefore: 'whole',
  storedAfter: 'whole',
};

/** The fields of each kind's body. */
export const EVENT_FORMS: { readonly [K in EventKind]: FormOf<EventBodies[K]> } = {
  opened: {
    room: 'text',
    show: 'text',
    sku: 'sku',
    mode: 'mode',
    step: 'step',
    lanes: 'lanes',
    engines: 'engines?',
    config: 'config',
    prices: 'prices',
    pricesReadOn: 'text',
  },
  mode: { mode: 'mode', by: 'text' },
  held: { by: 'text' },
  go: { by: 'text', goAtMs: 'moment' },
  distance: { lane: 'lane', ms: 'distance', by: 'text' },
  step: { step: 'step', by: 'text' },
  allocated: {
    lane: 'lane',
    op: 'text',
    who: 'text',
    units: 'units',
    sim: 'yes?',
    parentVersion: 'whole?',
    version: 'positive?',
    readAllocated: 'whole?',
    wroteAllocated: 'whole?',
    readAtMs: 'moment?',
    wroteAtMs: 'moment?',
    attempts: 'positive?',
    roundTrips: 'positive?',
    retries: 'retries?',
  },
  refused: { lane: 'lane', counts: 'counts' },
  lost: FATE_FORM,
  restored: FATE_FORM,
  oversold: { lane: 'lane', delta: 'positive', by: 'text' },
  cost: {
    virtualUsd: 'decimal',
    platformUsd: 'decimal',
    tapsUsd: 'decimal?',
    exposureUsd: 'decimal',
    realUsd: 'decimal',
    limitUsd: 'decimal',
    billingScale: 'decimal',
    loadFactor: 'decimal',
    locked: 'flag',
    meters: 'quantities?',
    taps: 'quantities?',
  },
  latency: { lanes: 'histograms', phones: 'whole' },
  guardrail: { state: 'change', by: 'cause', virtualUsd: 'decimal' },
  locked: { virtualUsd: 'decimal', realUsd: 'decimal', limitUsd: 'decimal' },
  reset: { by: 'text', fromEpoch: 'positive', toEpoch: 'positive', realCarriedUsd: 'decimal' },
  // Older rooms did not write the number of lives.
  drill: { kind: 'drill', by: 'text', sockets: 'whole', wakes: 'whole?' },
  recovered: { drill: 'positive', clients: 'recoveries' },
  incident: { check: 'text', state: 'verdict', expected: 'text', found: 'text' },
  guess: {
    state: 'asking',
    by: 'text',
    question: 'question',
    max: 'positive',
    n: 'whole?',
    median: 'whole?',
    width: 'positive?',
    counts: 'buckets?',
  },
  closed: { by: 'ending' },
};

/** The forms of objects inside bodies. */
export const INNER_FORMS: Readonly<Record<string, Form>> = {
  sku: SKU_FORM,
  config: CONFIG_FORM,
  engine: ENGINE_FORM,
  prices: PRICES_FORM,
  recovery: RECOVERY_FORM,
  histogram: HISTOGRAM_FORM,
};

/** Members that name an op: a text of the form of a UUID, beside what the forms above say. */
const OPS: Partial<Record<EventKind, readonly ('op' | 'by')[]>> = {
  allocated: ['op'],
  lost: ['op', 'by'],
  restored: ['op', 'by'],
  oversold: ['by'],
};
/** Rooms write lower case; older ones kept the case in which a client had sent it. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const EVENT_KEYS = 6;

/** True for an event with the envelope of every event and the fields of its kind, and no others. */
export function hasForm(event: unknown): event is RoomEvent {
  if (!isRecord(event) || Object.keys(event).length !== EVENT_KEYS) return false;
  const { seq, epoch, atMs, kind, body, hash } = event;
  return (
    isWhole(seq, 1) &&
    isWhole(epoch, 1) &&
    FIELD.moment(atMs) &&
    FIELD.text(hash) &&
    typeof kind === 'string' &&
    Object.hasOwn(EVENT_FORMS, kind) &&
    hasFields(body, EVENT_FORMS[kind as EventKind]) &&
    namesOps(kind as EventKind, body as Record<string, string>) &&
    (kind !== 'allocated' || tellsWork(body as Partial<Work>))
  );
}

function namesOps(kind: EventKind, body: Readonly<Record<string, string>>): boolean {
  return (OPS[kind] ?? []).every((name) => UUID.test(body[name]!));
}

function hasFields(value: unknown, form: Form): boolean {
  if (!isRecord(value)) return false;
  for (const name in value) if (!Object.hasOwn(form, name)) return false;
  for (const name in form) {
    const field = form[name] as Field;
    const optional = field.endsWith('?');
    const holds = FIELD[(optional ? field.slice(0, -1) : field) as keyof typeof FIELD];
    if (optional && value[name] === undefined) continue;
    if (!Object.hasOwn(value, name) || !holds(value[name])) return false;
  }
  return true;
}

/** True when a histogram's buckets are ascending and add up to its `n`. */
function sumsUp(told: unknown): boolean {
  const { n, buckets } = told as ToldHistogram;
  const ascending = buckets.every(
    ([index], place) => place === 0 || index > (buckets[place - 1]?.[0] ?? index),
  );
  return ascending && buckets.reduce((sum, [, count]) => sum + count, 0) === n;
}
