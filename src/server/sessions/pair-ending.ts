/**
 * The end of a show by its presenter's word. A logout ends one device's session, and the show only with the last one; who
 * says that the show is over means every device, however many have signed in.
 */
import { changeLife } from '../rooms.ts';
import { endShow } from '../storage/show-ending.ts';
import type { Visit } from '../visit.ts';
import { forgetShow } from './directory.ts';
import type { Session } from './identify.ts';
import { logOut } from './lifetime.ts';
import type { Outcome } from './outcome.ts';
import { granted } from './outcome.ts';
import { whyNotNow } from './standing.ts';

/** Ends the show for everybody, then the session that said so. */
export async function endShowNow(visit: Visit, session: Session): Promise<Outcome<{ ended: true }>> {
  const refusal = await whyNotNow(visit, session, 'end');
  if (refusal) return refusal;
  const { show, skus } = session.claims;
  const inD1 = async () => {
    await endShow(visit.env.DB, show, visit.now);
    forgetShow(visit.env.DB, show);
  };
  await changeLife(visit.env, show, skus, inD1, (room) => room.close('presenter'));
  const left = await logOut(visit, session);
  return left.ok ? granted({ ended: true }) : left;
}
