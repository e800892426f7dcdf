/** A presenter makes the code of a show's embeds, and withdraws it: a show has one, and a new one takes its place. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { EmbedOffer, EmbedStatus } from '#lib/protocol/embed.ts';
import { inRooms } from '../rooms.ts';
import { spend } from '../storage/d1.ts';
import type { Show } from '../storage/shows.ts';
import { changeEmbed, findShow, isLive } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { forgetShow } from './directory.ts';
import { embedHash, newEmbedCode, readersOf } from './embed-code.ts';
import type { Session } from './identify.ts';
import type { Err, Result } from './result.ts';
import { err, ok } from './result.ts';
import { whyNotLive, whyNotNow } from './standing.ts';
import { chargeRoom } from './start.ts';

/** Makes a code, and ends the one before it. Refuses `BUSY` when another of the presenter's devices makes one. */
export async function offerEmbed(context: RequestContext, session: Session): Promise<Result<EmbedOffer>> {
  const code = newEmbedCode();
  const { show } = session.claims;
  const refusal = await replace(context, session, await embedHash(context, show, code));
  return refusal ?? ok({ show, code });
}

/** Ends the show's code: what shows figures by it is closed, and nothing comes in by it any more. */
export async function withdrawEmbed(
  context: RequestContext,
  session: Session,
): Promise<Result<{ withdrawn: true }>> {
  return (await replace(context, session, '')) ?? ok({ withdrawn: true });
}

/** Whether the show has a code, for its presenter; and what the show sells, also for whoever has the code. */
export async function embedStatus(context: RequestContext, session: Session): Promise<Result<EmbedStatus>> {
  if (session.reads) return ok({ made: true, skus: session.claims.skus });
  if (session.claims.role !== 'presenter')
    return err('FORBIDDEN', 'Only a presenter of the show may ask this.');
  const spent: MeterCounts = { 'worker.request': 1 };
  const found = await presentedNow(context, session, spent);
  if (!found.ok) return found;
  const { code, skus, embedHash } = found.value;
  chargeRoom(context, code, skus[0]?.id ?? '', spent);
  return ok({ made: embedHash !== '', skus: skus.map(({ id }) => id) });
}

/**
 * The rooms end the readers of the old code before D1 forgets it, so that a Worker that dies in between leaves a code that
 * nobody comes in by, and that can be withdrawn again. `hash` is '' for none.
 */
async function replace(context: RequestContext, session: Session, hash: string): Promise<Err | null> {
  const { env } = context;
  const spent: MeterCounts = { 'worker.request': 1 };
  const found = await presentedNow(context, session, spent);
  if (!found.ok) return found;
  const { code, skus, embedHash: before } = found.value;
  const ids = skus.map(({ id }) => id);
  if (before !== '') await inRooms(env, code, ids, (room) => room.revoke(readersOf(before)));
  const isChanged = await spend(spent, changeEmbed(env.DB, code, before, hash));
  forgetShow(env.DB, code);
  chargeRoom(context, code, ids[0] ?? '', spent);
  return isChanged ? null : err('BUSY', 'Another device of the presenter changes the code just now.', 500);
}

async function presentedNow(
  context: RequestContext,
  session: Session,
  spent: MeterCounts,
): Promise<Result<Show>> {
  const show = await spend(spent, findShow(context.env.DB, session.claims.show));
  if (!show || !isLive(show, context.now)) return whyNotLive(show);
  return (await whyNotNow(context, session, 'pair')) ?? ok(show);
}
