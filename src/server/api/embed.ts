/** `/api/auth/embed`: a presenter lets pages of others show the figures, and takes that back. */
import { embedStatus, offerEmbed, withdrawEmbed } from '../sessions/embed.ts';
import type { RequestContext } from '../request-context.ts';
import { answerResult } from './envelope.ts';
import { withSession } from './in-room.ts';
import { change } from './pair.ts';

/** `POST /api/auth/embed` */
export function postEmbed(context: RequestContext): Promise<Response> {
  return change(context, offerEmbed);
}

/** `POST /api/auth/embed/withdraw` */
export function postEmbedWithdraw(context: RequestContext): Promise<Response> {
  return change(context, withdrawEmbed);
}

/** `GET /api/auth/embed` */
export function getEmbed(context: RequestContext): Promise<Response> {
  return withSession(context, { reads: true }, async (session) =>
    answerResult(context, await embedStatus(context, session)),
  );
}
