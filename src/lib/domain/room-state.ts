/** The state of a room as every client sees it: exact and complete in every frame. */
import type { LaneEngine } from './engines.ts';
import type { GuardrailAction, GuardrailCause, Sku } from './events.ts';
import type { GuessState } from './guess.ts';
import type { Hold } from './hold.ts';
import type { ByLane, LaneCounters, LaneId, Mode } from './lane.ts';
import type { Ledger, LedgerTotals } from './ledger.ts';
import type { Duel } from './race-duel.ts';

/** Round trips measured on phones, in milliseconds; percentiles are null while nothing was measured. */
export interface LatencySummary {
  n: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Reports that were left out, because the room's own times contradict them; missing while there are none. */
  left?: number;
}

/** A lane's counters with its latency, and the engine that it sells on. */
export type LaneState = LaneCounters & { latency: LatencySummary; engine: LaneEngine };

/** Who is there. `practice` are taps in a held room, which are no ops; missing in a room that was never held. */
export interface People {
  phones: number;
  stages: number;
  practice?: number;
}

/** The guardrail as it stands. */
export interface GuardrailState {
  tripped: boolean;
  by: GuardrailCause | null;
  atMs: number | null;
  thresholdUsd: number;
  action: GuardrailAction;
}

/** What `GET /api/demo/state` answers, and what every frame carries (there without the ledger's lines). */
export interface RoomState<L extends LedgerTotals = LedgerTotals> {
  room: string;
  show: string;
  sku: Sku;
  epoch: number;
  seq: number;
  mode: Mode;
  /** Step of the script, 1..6. */
  step: number;
  /** The hold that lasts; null while ops are taken. */
  hold: Hold | null;
  /** Connected phones and stages, and the practice taps of the hold that lasts. */
  people: People;
  /** Of the show, in its order. */
  lanes: ByLane<LaneState>;
  ledger: L;
  guardrail: GuardrailState;
  /** When the show ends unless it is extended, Unix milliseconds. */
  closesAt: number;
  /** The current guess; missing while there is none. */
  guess?: GuessState;
}

/** A room state with the ledger's lines, as HTTP answers it. */
export type FullRoomState = RoomState<Ledger>;

/** What a call for the state answers: also what its caller holds, and whether the show is over. */
export type StateAnswer = FullRoomState & { readonly holdings: readonly Holding[]; ended?: true };

/** An op that was allocated to a participant, and whether it is still in the counter. */
export interface Holding {
  op: string;
  lane: LaneId;
  units: number;
  seq: number;
  /** `kept` while the op is in the stored counter, `lost` while it is not. */
  fate: 'kept' | 'lost';
  /** Label of the person whose write erased it; only while lost. */
  by?: string;
  /** What both read and wrote; only while lost. */
  duel?: Duel;
  /** How many ops of this lane were promised one of the same unit numbers, this one included. */
  holders: number;
}
