/**
 * The HTTP contract over a rehearsed show: the same paths, bodies and envelopes that the live API has, answered in this
 * browser. What it does not know answers NOT_FOUND, as the live one does.
 */
import { EPOCH_HEADER, SIMULATED_HEADER } from '#lib/protocol/headers.ts';
import { API } from '#lib/protocol/paths.ts';
import { HANDLERS, login } from './call-handlers.ts';
import { envelope, refused } from './envelope.ts';
import type { CallAnswer, Result } from './envelope.ts';
import type { Room } from './room.ts';
import type { Show } from './show.ts';

/** A call as it comes from a screen. */
export interface Call {
  method: string;
  /** With its query, below the API's root or not. */
  path: string;
  body: string;
  /** Header fields by their lower-case names. */
  headers: Readonly<Record<string, string>>;
}

/** Answers a call, at once or when what it began has settled. */
export function answerCall(show: Show, call: Call, done: (answer: CallAnswer) => void): void {
  const { pathname, searchParams: query } = new URL(call.path, 'http://rehearsal');
  const name = `${call.method} ${pathname.startsWith(API) ? pathname.slice(API.length) : pathname}`;
  let room: Room | null = null;
  const answer = (result: Result) => done(envelope(show, room, result));
  if (name === 'POST /auth/login') return answer(login(show, call.body));
  const handler = HANDLERS[name];
  if (!handler)
    return answer(refused('NOT_FOUND', 'A rehearsal does not have this. It is for the live show.'));
  const session = show.session((call.headers['authorization'] ?? '').replace('Bearer ', ''));
  if (!session) return answer(refused('UNAUTHORIZED', 'This screen is not in the rehearsal. Join it first.'));
  if (handler.only && handler.only !== session.role) {
    return answer(refused('FORBIDDEN', 'Only the presenter may do this.'));
  }
  const concerns = (asked: Room) => {
    room = asked;
    asked.called();
  };
  const key = call.headers['idempotency-key']?.trim() ?? null;
  const sim = call.headers[SIMULATED_HEADER] === '1';
  const epoch = call.headers[EPOCH_HEADER] ?? null;
  handler.run({ show, session, query, body: call.body, key, epoch, sim, answer, concerns });
}
