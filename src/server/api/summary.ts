/** `GET /api/demo/summary` */
import type { RoomSummary, ShowSummary } from '#lib/summary/show-summary.ts';
import { KEPT_MS, SUMMARY_FORMAT, SUMMARY_VERSION } from '#lib/summary/show-summary.ts';
import type { RoomAnswer } from '../room/room-rpc.ts';
import { roomOf } from '../rooms.ts';
import type { Result } from '../sessions/result.ts';
import { ok } from '../sessions/result.ts';
import { findSummaries } from '../storage/summaries.ts';
import type { RequestContext } from '../request-context.ts';
import { answer, refuse } from './envelope.ts';
import { callFrom } from './in-room.ts';
import { readableShow } from './show-reader.ts';
import type { Readable } from './show-reader.ts';

/** What a show came to so far, or came to. Of an ended show it is read from the database: no room is woken for it. */
export async function getSummary(context: RequestContext): Promise<Response> {
  const readable = await readableShow(context);
  if (!readable.ok) return refuse(context, readable.refusal);
  const rooms = await roomsOf(context, readable.value);
  if (!rooms.ok) return refuse(context, rooms.refusal);
  const { show, live } = readable.value;
  const endedAtMs = live ? null : readable.value.endedAtMs;
  const summary: ShowSummary = {
    format: SUMMARY_FORMAT,
    formatVersion: SUMMARY_VERSION,
    show: show.code,
    status: live ? 'live' : 'ended',
    asOfMs: context.now,
    endedAtMs,
    readableUntilMs: endedAtMs === null ? null : endedAtMs + KEPT_MS,
    joined: show.joined,
    rooms: rooms.value,
  };
  return answer(context, summary);
}

async function roomsOf(context: RequestContext, readable: Readable): Promise<Result<RoomSummary[]>> {
  const { show, live } = readable;
  const { env } = context;
  const stored = live ? null : await findSummaries(env.DB, show.code);
  const call = live ? await callFrom(context, readable.session) : null;
  const said = await Promise.all(
    show.skus.map(async ({ id }, place): Promise<Result<RoomSummary>> => {
      const known = stored?.get(id);
      if (known) return ok(known);
      // What the Worker spent is charged once, to the first of them. A room that has ended and stored nothing yet is asked.
      const own = call && (place === 0 ? call : { ...call, spent: {} });
      return outcomeOf(await roomOf(env, show.code, id).summary(own));
    }),
  );
  const refusal = said.find((each) => !each.ok);
  if (refusal) return refusal;
  return ok(said.flatMap((each) => (each.ok ? [each.value] : [])));
}

function outcomeOf({ result }: RoomAnswer<RoomSummary>): Result<RoomSummary> {
  return result.ok ? ok(result.data) : result;
}
