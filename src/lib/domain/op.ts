/** An op: one intended allocation, named by the client at the tap, done once, ever. */
import type { LaneResults, Mode } from './lane.ts';

/** What a client asks for. */
export interface OpRequest {
  /** UUID in its canonical form, lower case. */
  op: string;
  /** How its client spelled it, where that is not the canonical form: it is answered so. */
  sentOp?: string;
  /** Session id of who asks: the owner of the op. */
  owner: string;
  label: string;
  role: 'presenter' | 'participant';
  units: number;
  /** The epoch that the client saw; null when it names none and takes the room's. */
  epoch: number | null;
  /** What the button said, if it said anything. */
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
  /** When it was admitted, and took its token, Unix milliseconds. */
  admittedAtMs: number;
  lanes: LaneResults;
  /** True once its owner has reported its round trips: kept in memory only. */
  reported?: true;
}

/** True when a request repeats a known op: same owner, same payload. A mode that is not said is the one it was done in. */
export function isSameOp(known: KnownOp, request: OpRequest): boolean {
  return (
    known.owner === request.owner &&
    known.units === request.units &&
    (request.mode === null || request.mode === known.mode)
  );
}
