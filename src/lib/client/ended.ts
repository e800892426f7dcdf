/** Whether a client has heard how its show ended, and what becomes of what it has not heard. */
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Api } from './api.ts';
import type { OpController } from './op-controller.ts';
import type { RoomSession } from './room-session.ts';
import type { RoomView, Told } from './room-view.ts';
import type { Ticket, TicketStatus } from './ticket.ts';

const NEVER_DONE: TicketStatus = { kind: 'refused', code: 'SHOW_ENDED', message: '', retryAfterMs: null };

/** True when the last state that a client has is how the show ended: the end was told, and nothing was in flight any more. */
export function isWhole({
  heardEnd,
  view: { state },
}: {
  heardEnd: boolean;
  view: Pick<RoomView, 'state'>;
}): boolean {
  return heardEnd && state !== null && isSettled(state);
}

/** Asks once, for a phone whose show has ended, what it has not heard: its unanswered taps, or everything after a reload. */
export async function conclude(
  session: Pick<RoomSession, 'heardEnd' | 'view' | 'conclude'>,
  { api, skuId, owner }: { api: Pick<Api, 'state'>; skuId: string; owner: string },
): Promise<void> {
  if (isWhole(session) && !session.view.tickets.some(isOpen)) return;
  const said = await api.state(skuId);
  session.conclude((ops) => lastWord(ops, owner, session.view.state, said.ok ? said.data : null));
}

/** Takes what a call answered; null when none did. What is still open then was never done, unless something is in flight. */
function lastWord(ops: OpController, owner: string, before: RoomState | null, told: Told | null) {
  const state = told ?? before;
  if (state) {
    if (before && before.epoch !== state.epoch) ops.newEpoch(state.epoch);
    // As a welcome would: what the phone holds, and what an earlier life of the page had asked. Nobody is there to be asked again.
    ops.welcome(
      { id: owner, label: '', role: 'participant', holdings: [...(told?.holdings ?? [])] },
      state.epoch,
      state.lanes,
    );
    ops.disconnected();
  }
  const status: TicketStatus = told && isSettled(told) ? NEVER_DONE : { kind: 'unanswered' };
  for (const ticket of ops.tickets.list)
    if (isOpen(ticket)) ops.tickets.put(ticket.op, ticket.lane, { status });
  return { state };
}

function isOpen({ status: { kind } }: Ticket): boolean {
  return kind === 'waiting' || kind === 'pending';
}

function isSettled({ lanes }: RoomState): boolean {
  return Object.values(lanes).every(({ inFlight }) => inFlight === 0);
}
