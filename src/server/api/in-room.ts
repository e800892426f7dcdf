/** Calls that go to the room of one SKU: who asks, which room, what it says. */
import type * as v from 'valibot';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { roomOf } from '../rooms.ts';
import type { Call, RoomAnswer, RoomRpc } from '../room/room-rpc.ts';
import type { Session, Wanted } from '../sessions/identify.ts';
import { callerOf, identify } from '../sessions/identify.ts';
import type { Err } from '../sessions/result.ts';
import { err } from '../sessions/result.ts';
import type { RequestContext } from '../request-context.ts';
import { readBody } from './body.ts';
import { answer, refuse } from './envelope.ts';

/** Lets the handler go on with the session of the request, or answers why not. */
export async function withSession(
  context: RequestContext,
  wanted: Wanted,
  handle: (session: Session) => Promise<Response>,
): Promise<Response> {
  const identified = await identify(context, wanted);
  return identified.ok ? handle(identified.value) : refuse(context, identified.refusal);
}

/**
 * Lets the handler go on with the session and the body of the request, or answers why not. Where a body may be missing, whoever
 * comes by cookie still has to say its type, which other sites cannot.
 */
export function withBody<S extends v.GenericSchema>(
  context: RequestContext,
  { body, optional = false, ...wanted }: Wanted & { body: S; optional?: boolean },
  handle: (session: Session, body: v.InferOutput<S>) => Promise<Response>,
): Promise<Response> {
  return withSession(context, wanted, async (session) => {
    const typed = !optional || session.via === 'cookie';
    const read = await readBody(context.request, body, { optional, typed });
    return read.ok ? handle(session, read.value) : refuse(context, read.refusal);
  });
}

/** The SKU that a query names; '' when it names none. */
export function wantedSku(context: RequestContext): string {
  return context.url.searchParams.get('skuId') ?? '';
}

/** Asks the room of a SKU. `INVALID_SKU` when the show does not sell it; `ask` may refuse before it asks. */
export async function askRoom<T>(
  context: RequestContext,
  session: Session,
  skuId: string,
  ask: (room: RoomRpc, call: Call) => Promise<RoomAnswer<T> | Err>,
): Promise<RoomAnswer<T> | Err> {
  const { show, skus } = session.claims;
  if (!skus.includes(skuId)) {
    return err('INVALID_SKU', `skuId: this show sells ${skus.join(', ')}.`);
  }
  return ask(roomOf(context.env, show, skuId), await callFrom(context, session));
}

/** A call with what the Worker has spent on it. */
export async function callFrom(
  context: RequestContext,
  session: Session,
  extra: MeterCounts = {},
): Promise<Call> {
  const spent: MeterCounts = { 'worker.request': 1 };
  addCounts(spent, session.spent);
  addCounts(spent, extra);
  return { caller: await callerOf(context, session), spent };
}

/** Asks the room of a SKU, and answers what it says. */
export async function answerOfRoom<T>(...question: Parameters<typeof askRoom<T>>): Promise<Response> {
  return answerFrom(question[0], await askRoom(...question));
}

/** Answers what a room said. */
export function answerFrom<T>(context: RequestContext, said: RoomAnswer<T> | Err): Response {
  if ('refusal' in said) return refuse(context, said.refusal);
  const { result, meta } = said;
  return result.ok ? answer(context, result.data, { meta }) : refuse(context, result.refusal, { meta });
}
