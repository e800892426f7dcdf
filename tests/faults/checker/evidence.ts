/**
 * What the checker is given: the words that clients and room exchanged, as they were recorded, the log that the room
 * exports, and the database's own rows. Nothing here or beside it knows the code of the room, its domain or its client.
 */

/** Something on one lane, as an answer tells it. */
export interface LaneAnswer {
  status: 'allocated' | 'refused' | 'pending';
  units: number;
  seq?: number | undefined;
  code?: string | undefined;
}

/** An event as a client was told it, or as a line of the log has it: the parsed JSON, of which this much is read. */
export interface Told {
  seq: number;
  epoch: number;
  kind: string;
  /** Unix milliseconds; no rule believes in it. */
  atMs: number;
  hash: string;
  body: Record<string, unknown>;
}

/** The counters of one lane in a state that a client was shown. */
export interface LaneCounts {
  acknowledged: number;
  stored: number;
  lostUnits: number;
  oversellDelta: number;
  inFlight: number;
}

/** Of a state that came with a welcome or a frame, what the log alone decides. */
export interface ShownState {
  seq: number;
  epoch: number;
  lanes: Record<string, LaneCounts>;
}

/** One thing that a client said or heard. */
export type Note =
  | { kind: 'tap'; op: string; units: number; epoch: number }
  | { kind: 'ack'; op: string; epoch: number; lanes: Record<string, LaneAnswer> }
  | { kind: 'nack'; op: string | null; code: string }
  | { kind: 'connect'; asked: { epoch: number; since: number } | null }
  | { kind: 'welcome'; epoch: number; seq: number; recovered: boolean; events: Told[]; state: ShownState }
  | {
      kind: 'frame';
      epoch: number;
      from: number;
      seq: number;
      events: Told[];
      omitted: number;
      head: string | null;
      state: ShownState;
    };

/** A note with its place in the one order that all clients of a run share: what a stopwatch beside them would have seen. */
export interface Entry {
  order: number;
  note: Note;
}

/** Everything that one client said and heard. */
export interface History {
  /** The label by which the room knows this person. */
  who: string;
  role: 'presenter' | 'participant';
  entries: readonly Entry[];
}

/** The log as anybody can export it, parsed line by line. */
export interface Log {
  events: readonly Told[];
  /** Its last line. */
  end: { head: string; seq: number };
}

/** A row of the database's orders: one blind write. */
export interface OrderRow {
  op: string;
  epoch: number;
  who: string;
  units: number;
  parentVersion: number;
  version: number;
  readAllocated: number;
  wroteAllocated: number;
}

/** What is judged. */
export interface Evidence {
  log: Log;
  histories: readonly History[];
  /** The rows of this room, of all epochs; missing when nobody could look. */
  orders?: readonly OrderRow[];
  /** False when ops may still have no answer: the run was stopped in the middle. */
  settled?: boolean;
}

/** Every rule that is held. */
export const RULES = ['chain', 'once', 'told', 'capacity', 'order', 'lineage', 'stream', 'state'] as const;
export type Rule = (typeof RULES)[number];

/** A broken promise. */
export interface Violation {
  rule: Rule;
  sentence: string;
}

/** A lane's allocation as the log tells it. */
export interface Allocation extends Partial<Omit<OrderRow, 'op' | 'epoch' | 'who' | 'units'>> {
  seq: number;
  epoch: number;
  lane: string;
  op: string;
  who: string;
  units: number;
  /** Made by a simulated shopper, who holds no answers. */
  sim: boolean;
}
