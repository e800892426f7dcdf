/** The state of the connection as people see it, from the transport's events. */
import { unreachable } from '#lib/domain/assert.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Connection } from './room-view.ts';
import type { TransportStatus } from './transport.ts';

/**
 * The connection after a change of the transport. An open transport is not yet a connection: only the room's welcome
 * makes one. `nowMs` is monotonic; `online` is what the device says of its network.
 */
export function connectionAfter(
  before: Connection,
  status: TransportStatus,
  nowMs: number,
  online: boolean,
): Connection {
  switch (status.kind) {
    case 'open':
      return before;
    case 'connecting':
      return before.kind === 'connecting' ? before : away(before, nowMs, online);
    case 'waiting':
      return away(before, nowMs, online);
    case 'closed':
      return status.code === CLOSE.ended
        ? { kind: 'ended' }
        : { kind: 'refused', code: status.code, reason: status.reason };
    default:
      return unreachable(status);
  }
}

function away(before: Connection, nowMs: number, online: boolean): Connection {
  const wasAway = before.kind === 'reconnecting' || before.kind === 'offline';
  const kind = online ? 'reconnecting' : 'offline';
  return before.kind === kind ? before : { kind, sinceMs: wasAway ? before.sinceMs : nowMs };
}
