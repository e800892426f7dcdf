/** What carries messages between a client and a room: a socket, plain calls, or a room in this very browser (rehearsal). */
import type { Down } from '#lib/protocol/down.ts';
import type { Up } from '#lib/protocol/up.ts';

/** How a transport stands; `byCalls` where no socket passes. `closed` is final: it does not try again by itself. */
export type TransportStatus =
  | { kind: 'connecting' }
  | { kind: 'open'; after?: Outage; byCalls?: true }
  | { kind: 'waiting'; retryInMs: number }
  | { kind: 'closed'; code: number; reason: string };

/** What lay between the last connection and this one, on the monotonic clock. */
export interface Outage {
  /** Close code with which the last one ended. */
  code: number;
  lostAtMs: number;
  /** When the first attempt to come back began. */
  triedAtMs: number;
}

/** How far this client has applied the room's events: what a transport asks to be resumed from. */
export interface ResumePoint {
  epoch: number;
  since: number;
}

/** A connection to one room that keeps coming back until the room refuses it or {@link Transport.close} is called. */
export interface Transport {
  /** Hands a message to an open connection. False when there is none: the message is dropped, never queued. */
  send(message: Up): boolean;
  /** Ends the connection for good. */
  close(): void;
  /** Sets the one receiver of messages. */
  onMessage(receive: (message: Down) => void): void;
  /** Sets the one receiver of status changes; it is told the present status at once. */
  onStatus(receive: (status: TransportStatus) => void): void;
  /** Drops the connection, if any, and makes a new one that resumes. Also brings back a `closed` transport. */
  reconnect(): void;
  /**
   * Asks whether the link still carries anything, and reconnects when it does not. `then` hears true once the room has answered
   * this very question, false when the connection is gone. Absent where a link cannot be half open.
   */
  reach?(then?: (isAlive: boolean) => void): void;
}

/** Makes a transport; `resume` says from where, and is asked again at every attempt. Null: send a snapshot. */
export type Connect = (resume: () => ResumePoint | null) => Transport;
