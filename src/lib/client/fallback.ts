/** Where no socket passes, a phone goes on by plain calls. Loaded when that is found out. */
import { EPOCH_HEADER } from '#lib/protocol/headers.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { createApi, request } from './api.ts';
import type { RoomCalls } from './call-transport.ts';
import { eitherTransport } from './either-transport.ts';
import type { Identity } from './identity.ts';
import type { LiveRoom } from './live-room.svelte.ts';
import { socketTransport } from './socket.ts';
import { browserPage, browserTime } from './surroundings.ts';

/** How long an answer may take, milliseconds: some proxies hold one back for ever. */
const ANSWERED_WITHIN_MS = 8_000;

/** The room of a product goes on by calls, until it gets a socket again. */
export function goOnByCalls(
  room: Pick<LiveRoom, 'session'>,
  { show, sessionId: id, label }: Pick<Identity, 'show' | 'sessionId' | 'label'>,
  skuId: string,
): void {
  const connect = eitherTransport({
    ...browserTime,
    page: browserPage,
    whose: { id, label },
    calls: roomCalls(skuId),
    socket: socketTransport({ path: roomPath(show, skuId), role: 'participant' }),
  });
  room.session.carryBy(connect);
}

/** The calls of the contract that a phone without a socket makes. */
export function roomCalls(skuId: string, fetcher: typeof fetch = fetchInTime): RoomCalls {
  const { state } = createApi('participant', fetcher);
  return {
    state: () => state(skuId),
    order: ({ op, units = 1, mode, epoch }) =>
      request(fetcher, 'participant', '/demo/allocate', {
        method: 'POST',
        body: JSON.stringify({ skuId, units, mode }),
        headers: { 'idempotency-key': op, [EPOCH_HEADER]: String(epoch) },
      }),
  };
}

/** Gives up an answer that does not come, or not to its end. */
const fetchInTime: typeof fetch = (input, init) => {
  const patience = new AbortController();
  setTimeout(() => patience.abort(), ANSWERED_WITHIN_MS);
  return fetch(input, { ...init, signal: patience.signal });
};
