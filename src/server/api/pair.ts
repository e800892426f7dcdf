/** `/api/auth/pair`: a presenter lets a further device in. `/api/auth/end`: a presenter ends the show on all of them. */
import { pairRedemption } from '#lib/protocol/pairing.ts';
import { object } from '#lib/protocol/object.ts';
import { setCookie } from '../sessions/cookies.ts';
import type { Session } from '../sessions/identify.ts';
import type { Outcome } from '../sessions/outcome.ts';
import { endShowNow } from '../sessions/lifetime.ts';
import { offerPairing, pairingStatus, redeemPairing, withdrawPairing } from '../sessions/pair.ts';
import type { Visit } from '../visit.ts';
import { enter } from './auth.ts';
import { readBody } from './body.ts';
import { answer, refuse } from './envelope.ts';
import { withSession } from './in-room.ts';

const nothing = object({});

/** `POST /api/auth/pair` */
export function postPair(visit: Visit): Promise<Response> {
  return change(visit, offerPairing);
}

/** `POST /api/auth/pair/withdraw` */
export function postWithdraw(visit: Visit): Promise<Response> {
  return change(visit, withdrawPairing);
}

/** `GET /api/auth/pair` */
export function getPair(visit: Visit): Promise<Response> {
  return withSession(visit, { only: 'presenter' }, async (session) =>
    told(visit, await pairingStatus(visit, session)),
  );
}

/** `POST /api/auth/pair/redeem`: needs no session, and answers as a login does. */
export function postRedeem(visit: Visit): Promise<Response> {
  return enter(visit, pairRedemption, redeemPairing);
}

/** `POST /api/auth/end` */
export function postEnd(visit: Visit): Promise<Response> {
  return change(visit, endShowNow, { 'set-cookie': setCookie(visit.url, 'presenter', '', 0) });
}

/** A presenter's change that needs no words; `cookie` goes out when it is done, to who came by cookie. */
function change<T>(
  visit: Visit,
  act: (visit: Visit, session: Session) => Promise<Outcome<T>>,
  cookie: Record<string, string> = {},
): Promise<Response> {
  return withSession(visit, { only: 'presenter' }, async (session) => {
    const byCookie = session.via === 'cookie';
    const body = await readBody(visit.request, nothing, { optional: true, typed: byCookie });
    if (!body.ok) return refuse(visit, body.refusal);
    return told(visit, await act(visit, session), byCookie ? cookie : {});
  });
}

function told<T>(visit: Visit, outcome: Outcome<T>, headers: Record<string, string> = {}): Response {
  return outcome.ok ? answer(visit, outcome.value, { headers }) : refuse(visit, outcome.refusal);
}
