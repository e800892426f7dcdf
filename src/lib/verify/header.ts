/** The file's first line: what it is, of which show, under which prices and configuration. */
import * as v from 'valibot';
import type { EventBodies } from '#lib/domain/events.ts';
import { METERS } from '#lib/domain/prices.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';

/** Name of the format, as the header says it. */
export const LOG_FORMAT = 'revenue-guard-log';
/** The version of the format that is read here. */
export const LOG_FORMAT_VERSION = 1;

/** What the header must say; a newer writer may say more. */
const HEADER = v.object({
  format: v.literal(LOG_FORMAT),
  formatVersion: v.number(),
  protocolVersion: v.number(),
  /** True when a rehearsal wrote it: nothing in it happened to anybody. Rooms leave it out. */
  simulated: v.optional(v.boolean(), false),
  /** What the rehearsal's chance followed from. */
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
  exportedAtMs: v.number(),
});
/** See {@link HEADER}. */
export type LogHeader = v.InferOutput<typeof HEADER>;

const VERSIONED = v.object({ format: v.literal(LOG_FORMAT), formatVersion: v.number() });

/** Reads the first line; a sentence when it is not the header of a log that can be read here. */
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
  if (protocolVersion !== PROTOCOL_VERSION) {
    return `its events are of protocol version ${protocolVersion}; version ${PROTOCOL_VERSION} is what can be read here`;
  }
  return header.output;
}

/** How the header's line is written otherwise than JSON in one piece, each name once; null when it is not. */
export function headerFlaw(text: string): string | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return 'something around the header’s object';
  // A string with a colon behind it is a name: more of them than members means that one was said twice.
  const names = text.match(STRINGS)?.filter((token) => token.endsWith(':')).length ?? 0;
  return names === membersOf(parsedJson(text)) ? null : 'a header that says a name twice';
}

const STRINGS = /"(?:[^"\\]|\\.)*"\s*:?/g;

/** Members of an object and of every object inside of it, however deep a stranger has nested them. */
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

/** Where the header says another thing than the event that opened the room: `field: header … / opened …`; null when nowhere. */
export function headerContradiction(header: LogHeader, opened: EventBodies['opened']): string | null {
  const { show, sku, config, prices, pricesReadOn } = opened;
  return differenceOf('', pick(header), { show, sku, config, prices, pricesReadOn });
}

/** Parses JSON; undefined for what is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with an input, in one phrase. */
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

/** The beginning of a line, fit to be shown. */
function opening(text: string): string {
  const most = 40;
  const plain = text.slice(0, most).replaceAll(/[^\x20-\x7e]/g, '·');
  return text.length > most ? `${plain}…` : plain;
}
