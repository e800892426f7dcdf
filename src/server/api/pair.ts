/** `/api/auth/pair`: a presenter lets a further device in. `/api/auth/end`: a presenter ends the show on all of them. */
import { pairRedemption } from '#lib/protocol/pairing.ts';
import { setCookie } from '../sessions/cookies.ts';
import type { Session } from '../sessions/identify.ts';
import type { Result } from '../sessions/result.ts';
import { endShowNow } from '../sessions/lifetime.ts';
import { offerPairing, pairingStatus, redeemPairing, withdrawPairing } from '../sessions/pair.ts';
import type { RequestContext } from '../request-context.ts';
import { enter, NO_BODY } from './auth.ts';
import { answerResult } from './envelope.ts';
import { withBody, withSession } from './in-room.ts';

/** `POST /api/auth/pair` */
export function postPair(context: RequestContext): Promise<Response> {
  return change(context, offerPairing);
}

/** `POST /api/auth/pair/withdraw` */
export function postWithdraw(context: RequestContext): Promise<Response> {
  return change(context, withdrawPairing);
}

/** `GET /api/auth/pair` */
export function getPair(context: RequestContext): Promise<Response> {
  return withSession(context, { only: 'presenter' }, async (session) =>
    answerResult(context, await pairingStatus(context, session)),
  );
}

/** `POST /api/auth/pair/redeem`: needs no session, and answers as a login does. */
export function postRedeem(context: RequestContext): Promise<Response> {
  return enter(context, pairRedemption, redeemPairing);
}

/** `POST /api/auth/end` */
export function postEnd(context: RequestContext): Promise<Response> {
  return change(context, endShowNow, { 'set-cookie': setCookie(context.url, 'presenter', '', 0) });
}

/** A presenter's change that needs no words; `headers` go out when it is done, to who came by cookie. */
export function change<T>(
  context: RequestContext,
  act: (context: RequestContext, session: Session) => Promise<Result<T>>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return withBody(context, { only: 'presenter', ...NO_BODY }, async (session) => {
    const result = await act(context, session);
    return answerResult(context, result, result.ok && session.via === 'cookie' ? { headers } : {});
  });
}
