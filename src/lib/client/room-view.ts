/** What a client knows of its room at one moment: one immutable value that screens draw from. */
import type { AuditReport } from '#lib/domain/auditor.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { Holding, RoomState } from '#lib/domain/room-state.ts';
import type { You } from '#lib/protocol/down.ts';
import type { Ticket } from './ticket.ts';

/** How the room can be reached. Times are monotonic milliseconds of this page. */
export type Connection =
  | { kind: 'connecting' }
  /** `byCalls`: no socket passes, so taps and figures go by plain calls, one by one. */
  | { kind: 'connected'; byCalls?: true }
  | { kind: 'reconnecting'; sinceMs: number }
  /** The device itself says that it has no network. */
  | { kind: 'offline'; sinceMs: number }
  | { kind: 'ended' }
  /** The room will not have this client: a close code of the contract, or {@link OUTDATED}. */
  | { kind: 'refused'; code: number; reason: string };

/** Stands for a close code when this page speaks an older version of the protocol than the room: a reload mends it. */
export const OUTDATED = 0;

/** An act that was pressed while the link was dead already: nothing was changed. */
export interface NotReached {
  code: 'OFFLINE';
}

/** See {@link Connection}; `tickets` newest first. */
export interface RoomView {
  state: RoomState | null;
  you: You | null;
  connection: Connection;
  tickets: readonly Ticket[];
  /** Hash of the newest event whose hash this client was told. */
  head: string | null;
  /** True from a reset that took tickets away until the next tap. */
  resetSeen: boolean;
  /**
   * The room's newest refusal that belongs to no tap: of a presenter's act, or of a message; `OFFLINE` for an act that never
   * reached the room, and never will.
   */
  refusal: Refusal | NotReached | null;
  /** Presenters: what the room's own audit found last. */
  audit: AuditReport | null;
  /** This client's own answer to a guess, as the room confirmed it: which guess (its `asked`), and what. */
  guessed: { asked: number; value: number } | null;
  /** What to add to this page's monotonic clock to get the room's Unix milliseconds; null before the first welcome. */
  clockOffsetMs: number | null;
  /** This life of the room in its server's memory, and how many lives it has had. */
  instance: string | null;
  wakes: number;
}

/** Before the first word of the room. */
export const EMPTY_VIEW: RoomView = {
  state: null,
  you: null,
  connection: { kind: 'connecting' },
  tickets: [],
  head: null,
  resetSeen: false,
  refusal: null,
  audit: null,
  guessed: null,
  clockOffsetMs: null,
  instance: null,
  wakes: 0,
};

/** How a room stands, and what this client holds in it, as a call answers. */
export type Told = RoomState & { readonly holdings: readonly Holding[] };

/** The range of events that a batch stands for. */
export interface EventRange {
  from: number;
  seq: number;
  /** Events of the range that are not in the batch. */
  omitted: number;
  /** False when what came before is unknown: a first snapshot, or one after too long an absence. */
  recovered: boolean;
}

/** Hears the room's events in order, each once. */
export type EventListener = (events: RoomEvent[], range: EventRange) => void;

/** What became of a tap at once. Only `sent` made an op. */
export type TapResult = 'sent' | 'offline' | 'tooFast';
