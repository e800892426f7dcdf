/** Parses receipts, as a file and as a browser keeps them; they are untrusted input. */
import * as v from 'valibot';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { parsedJson, problemOf } from './header.ts';

/** Name of the format of a receipts file. */
const RECEIPTS_FORMAT = 'revenue-guard-receipts';

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const code = v.custom<ErrorCode>((value) => typeof value === 'string' && Object.hasOwn(ERROR_STATUS, value));

/** A client's receipt of one op on one lane. */
const receipt = v.object({
  op: v.string(),
  lane: v.picklist(LANE_IDS),
  epoch: whole,
  status: v.picklist(['allocated', 'refused', 'pending']),
  units: v.number(),
  /** `seq` of the event that made it so. */
  seq: v.optional(whole),
  code: v.optional(code),
});
/** Parsed {@link receipt}. */
export type Receipt = v.InferOutput<typeof receipt>;

/** The hash of event `seq`, from a later frame. */
const toldHead = v.object({ seq: whole, head: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });

const FILE = v.object({
  format: v.literal(RECEIPTS_FORMAT),
  formatVersion: v.literal(1),
  show: v.string(),
  skuId: v.string(),
  receipts: v.array(receipt),
  heads: v.array(toldHead),
});
/** One client's receipts of one room. */
export type Receipts = Omit<v.InferOutput<typeof FILE>, 'format' | 'formatVersion'>;

/** Parses a receipts file; a sentence when it is none. Editors may have put a byte order mark before it. */
export function readReceipts(text: string): Receipts | string {
  const json = parsedJson(text.replace(/^\uFEFF/, ''));
  if (json === undefined) return 'this is not a file of receipts (it is no JSON)';
  const parsed = v.safeParse(FILE, json);
  if (!parsed.success) return `this is not a file of receipts (${problemOf(parsed.issues)})`;
  const { show, skuId, receipts, heads } = parsed.output;
  return { show, skuId, receipts, heads };
}

/** Receipts from a browser's records, one JSON text each. Invalid records are left out. */
export function receiptsOfRecords(kept: {
  show: string;
  skuId: string;
  records: readonly string[];
}): Receipts {
  const { show, skuId, records } = kept;
  const told: Receipts = { show, skuId, receipts: [], heads: [] };
  for (const record of records) {
    const json = parsedJson(record);
    const [asReceipt, asHead] = [v.safeParse(receipt, json), v.safeParse(toldHead, json)];
    if (asReceipt.success) told.receipts.push(asReceipt.output);
    else if (asHead.success) told.heads.push(asHead.output);
  }
  return told;
}

/** The file that {@link readReceipts} reads. */
export function receiptsFile(receipts: Receipts): string {
  return `${JSON.stringify({ format: RECEIPTS_FORMAT, formatVersion: 1, ...receipts }, null, 1)}\n`;
}
