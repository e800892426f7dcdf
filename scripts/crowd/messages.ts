/**
 * Reads of a room's messages only what a load generator needs: the range of a frame, and the answer to a tap. Messages in
 * the form that the room writes are read by pattern, without parsing their state; other forms that the contract allows are
 * parsed as JSON.
 */
import * as v from 'valibot';

/** The range of events that a frame carries. */
export interface FrameRange {
  epoch: number;
  from: number;
  seq: number;
}

/** The answer to a tap. `outcome`: `allocated` when any lane did, `pending`, `echo` from a bare object, or an error code. */
export interface TapAnswer {
  op: string;
  outcome: string;
  /** Of the op's newest event; 0 when there is none. */
  seq: number;
  /** 0 when the answer names no time. */
  retryAfterMs: number;
  /** What each lane said so far: `allocated`, `pending` or an error code; empty where none was asked. */
  said: Readonly<Record<string, string>>;
}

/** Bytes of a message that are enough to tell its kind and range. */
export const HEAD_BYTES = 96;

const FRAME = /^\{"t":"frame","epoch":(\d+),"from":(\d+),"seq":(\d+),/;
const ACK =
  /^\{"t":"ack","op":"([^"]+)","epoch":\d+,"lanes":\{"([\w-]+)":\{"status":"allocated","units":\d+,"seq":(\d+)\}\}\}$/;
const NACK =
  /^\{"t":"nack","op":"([^"]+)","code":"(\w+)","message":"[^"\\]*"(?:,"retryAfterMs":([\d.]+))?\}$/;
const ECHO = /^\{"t":"allocate","op":"([^"]+)",/;

const whole = v.number();
const frame = v.object({ t: v.literal('frame'), epoch: whole, from: whole, seq: whole });
const lane = v.object({ status: v.string(), code: v.optional(v.string()), seq: v.optional(whole) });
const ack = v.object({ t: v.literal('ack'), op: v.string(), lanes: v.record(v.string(), lane) });
const nack = v.object({
  t: v.literal('nack'),
  op: v.optional(v.string(), ''),
  code: v.string(),
  retryAfterMs: v.optional(v.number(), 0),
});
const welcome = v.object({
  t: v.literal('welcome'),
  epoch: whole,
  seq: whole,
  recovered: v.boolean(),
  wakes: whole,
  events: v.array(v.unknown()),
});
const NOTHING: TapAnswer = { op: '', outcome: '', seq: 0, retryAfterMs: 0, said: {} };
const json = v.pipe(v.string(), v.parseJson());
const answer = v.pipe(json, v.union([ack, nack]));

/** The range of a frame by the message's first {@link HEAD_BYTES}; `whole` is called when they are not enough. */
export function frameRange(head: string, whole: () => string): FrameRange {
  const match = FRAME.exec(head);
  if (!match) return v.parse(v.pipe(json, frame), whole());
  return { epoch: Number(match[1]), from: Number(match[2]), seq: Number(match[3]) };
}

/** The answer to a tap; null for other messages. An ack in which a lane is pending has the outcome `pending`. */
export function tapAnswer(text: string): TapAnswer | null {
  const [, granted, lane = '', seq] = ACK.exec(text) ?? [];
  if (granted) {
    const said = { [lane]: 'allocated' };
    return { ...NOTHING, op: granted, outcome: 'allocated', seq: Number(seq), said };
  }
  const [, echoed] = ECHO.exec(text) ?? [];
  if (echoed) return { ...NOTHING, op: echoed, outcome: 'echo' };
  const [, refused, code = '', retryAfterMs = 0] = NACK.exec(text) ?? [];
  if (refused) return { ...NOTHING, op: refused, outcome: code, retryAfterMs: Number(retryAfterMs) };
  const parsed = v.safeParse(answer, text);
  if (!parsed.success) return null;
  const said = parsed.output;
  if (said.t === 'nack') {
    return { ...NOTHING, op: said.op, outcome: said.code, retryAfterMs: said.retryAfterMs };
  }
  const results = Object.values(said.lanes);
  return {
    ...NOTHING,
    op: said.op,
    outcome: outcomeOf(results),
    seq: Math.max(0, ...results.map((result) => result.seq ?? 0)),
    said: Object.fromEntries(
      Object.entries(said.lanes).map(([id, { status, code }]) => [id, code ?? status]),
    ),
  };
}

/** Parses a welcome. @throws when the text is none */
export function welcomeOf(text: string): v.InferOutput<typeof welcome> {
  return v.parse(v.pipe(json, welcome), text);
}

function outcomeOf(lanes: readonly v.InferOutput<typeof lane>[]): string {
  // Each lane is acknowledged by itself: the answer is complete once no lane is pending.
  if (lanes.some(({ status }) => status === 'pending')) return 'pending';
  if (lanes.some(({ status }) => status === 'allocated')) return 'allocated';
  return lanes.find(({ code }) => code !== undefined)?.code ?? 'UNKNOWN';
}
