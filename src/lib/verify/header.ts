/** The header line of a log: format, show, prices and configuration. */
import * as v from 'valibot';
import { LAST_MS } from '#lib/domain/bounds.ts';
import type { EventBodies } from '#lib/domain/events.ts';
import { METERS } from '#lib/domain/prices.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';

/** Name of the format, as the header says it. */
export const LOG_FORMAT = 'revenue-guard-log';
/** The version of the format that is read here. */
export const LOG_FORMAT_VERSION = 1;

/** Members that the header must have; a newer writer may add more. */
const HEADER = v.object({
  format: v.literal(LOG_FORMAT),
  formatVersion: v.number(),
  protocolVersion: v.number(),
  /** True for a rehearsal's log; rooms leave it out. */
  simulated: v.optional(v.boolean(), false),
  /** The rehearsal's seed. */
  seed: v.exactOptional(v.number()),
  show: v.string(),
  sku: v.strictObject({ id: v.string(), name: v.string(), capacity: v.number(), unitPrice: v.number() }),
  config: v.strictObject({
    billingScale: v.number(),
    demoCostLimit: v.number(),
    virtualLoadFactor: v.number(),
    virtualCostThreshold: v.number(),
    guardrailAction: v.picklist(['warn', 'block']),
    raceWindowMs: v.number(),
  }),
  prices: v.strictObject(v.entriesFromList(METERS, v.number())),
  pricesReadOn: v.string(),
  /** When the file was made, by the room's clock, Unix milliseconds. */
  exportedAtMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LAST_MS)),
});
/** Parsed {@link HEADER}. */
export type LogHeader = v.InferOutput<typeof HEADER>;

const VERSIONED = v.object({ format: v.literal(LOG_FORMAT), formatVersion: v.number() });

/** Parses the header line; a sentence when it is not the header of a log that this code can read. */
export function readHeader(text: string): LogHeader | string {
  const json = parsedJson(text);
  const named = v.safeParse(VERSIONED, json);
  if (!named.success) return `this is not a log of a show: its first line is no header (“${opening(text)}”)`;
  const { formatVersion } = named.output;
  if (formatVersion !== LOG_FORMAT_VERSION) {
    return `the file is of format version ${formatVersion}; version ${LOG_FORMAT_VERSION} is what can be read here`;
  }
  const header = v.safeParse(HEADER, json);
  if (!header.success) return `the header is not complete: ${problemOf(header.issues)}`;
  const { protocolVersion } = header.output;
  if (!Number.isInteger(protocolVersion) || protocolVersion < 1 || protocolVersion > PROTOCOL_VERSION) {
    return `its events are of protocol version ${protocolVersion}; versions 1 to ${PROTOCOL_VERSION} can be read here`;
  }
  return header.output;
}

/** What is wrong with the header line's form (anything around the object, a name twice); null when nothing is. */
export function headerFlaw(text: string): string | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return 'something around the header’s object';
  // Strings followed by a colon are names: more of them than members means that a name is doubled.
  const names = text.match(STRINGS)?.filter((token) => token.endsWith(':')).length ?? 0;
  return names === membersOf(parsedJson(text)) ? null : 'a header that says a name twice';
}

const STRINGS = /"(?:[^"\\]|\\.)*"\s*:?/g;

/** Number of members of an object and of all objects inside it, without recursion, because a stranger's file may be deep. */
function membersOf(json: unknown): number {
  const left = [json];
  let members = 0;
  while (left.length > 0) {
    const value = left.pop();
    if (!isRecord(value)) continue;
    if (!Array.isArray(value)) members += Object.keys(value).length;
    for (const inner of Object.values(value)) left.push(inner);
  }
  return members;
}

/** The first difference between header and opening event, as `field: header … / opened …`; null when they agree. */
export function headerContradiction(header: LogHeader, opened: EventBodies['opened']): string | null {
  const { show, sku, config, prices, pricesReadOn } = opened;
  return differenceOf('', pick(header), { show, sku, config, prices, pricesReadOn });
}

/** Parses JSON; undefined when it is not valid. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A schema's first issue in one phrase. */
export function problemOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  return issue ? `${v.getDotPath(issue) ?? 'it'}: ${issue.message}` : 'unknown';
}

function pick({ show, sku, config, prices, pricesReadOn }: LogHeader) {
  return { show, sku, config, prices, pricesReadOn };
}

function differenceOf(path: string, header: unknown, opened: unknown): string | null {
  if (isRecord(header) && isRecord(opened)) {
    for (const key of new Set([...Object.keys(header), ...Object.keys(opened)])) {
      const inner = differenceOf(path === '' ? key : `${path}.${key}`, header[key], opened[key]);
      if (inner !== null) return inner;
    }
    return null;
  }
  if (header === opened) return null;
  return `${path} is ${shown(header)} in the header, ${shown(opened)} in the event that opened the room`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

/** The beginning of a line, shortened for display. */
function opening(text: string): string {
  const most = 40;
  const plain = text.slice(0, most).replaceAll(/[^\x20-\x7e]/g, '·');
  return text.length > most ? `${plain}…` : plain;
}
