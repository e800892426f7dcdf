/** An op: one intended allocation, named by its client, done at most once. */
import type { LaneResults, Mode } from './lane.ts';

/** An op as its client sent it. */
export interface OpRequest {
  /** UUID in its canonical form, lower case. */
  op: string;
  /** The client's spelling of `op`, where it differs; answers use it. */
  sentOp?: string;
  /** Session id of the sender, who owns the op. */
  owner: string;
  label: string;
  role: 'presenter' | 'participant';
  units: number;
  /** The epoch that the client saw; null when it names none and takes the room's. */
  epoch: number | null;
  /** The mode that the button showed; null when the request names none. */
  mode: Mode | null;
  /** True for a simulated shopper. */
  sim: boolean;
}

/** An op that the room has answered or is about to. */
export interface KnownOp {
  op: string;
  /** See {@link OpRequest.sentOp}. */
  sentOp?: string;
  owner: string;
  label: string;
  units: number;
  /** The mode it was done in. */
  mode: Mode;
  epoch: number;
  /** When it was admitted and took its rate limit token, Unix milliseconds. */
  admittedAtMs: number;
  lanes: LaneResults;
  /** True once its owner has reported its round trips: kept in memory only. */
  reported?: true;
}

/** The name under which a session buys that says of itself that it is no person. */
export function botLabel(label: string): string {
  return `bot-${label}`;
}

/** An op's name in the one case in which ops are compared: clients, and logs of older rooms, may have it in another. */
export function keyOfOp(op: string): string {
  return op.toLowerCase();
}

/** True when a request repeats a known op: same owner and payload; a missing mode matches any. */
export function isSameOp(known: KnownOp, request: OpRequest): boolean {
  return (
    known.owner === request.owner &&
    known.units === request.units &&
    (request.mode === null || request.mode === known.mode)
  );
}
