/** A page of the script: what stands on it, and what it is made for. */
import type { Proof } from '#lib/client/sign-in-proof.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';

/** A moment of the delivery. */
export interface Cue {
  kind: 'pause' | 'point' | 'act' | 'zero' | 'money' | 'worry' | 'close';
  words: string;
}

/** What stands on a card. */
export interface Card {
  /** Sentence by sentence: each on a line of its own. */
  say: string[];
  sees: string;
  teach: string;
  cues: Cue[];
}

/** What a card is made for. */
export interface Here {
  view: Pick<RoomState, 'step' | 'mode' | 'hold' | 'lanes' | 'sku' | 'guardrail' | 'ledger' | 'people'>;
  rehearsed: boolean;
  /** What this presenter showed at the door; null when that is not known. */
  proof: Proof | null;
  /** What the measured answer time is worth, by the presenter's own numbers; empty when that is not known. */
  revenue: string;
  /** True when the stock was reset since this step began. */
  resetDone: boolean;
}

/** What a kind of moment is called. */
export function cueName(kind: Cue['kind']): string {
  switch (kind) {
    case 'pause':
      return phrase('Pause');
    case 'point':
      return phrase('Point at');
    case 'act':
      return phrase('Do');
    case 'zero':
      return phrase('The zero');
    case 'money':
      return phrase('In money');
    case 'worry':
      return phrase('Answers');
    case 'close':
      return phrase('Close');
  }
}

/** A moment with its words. */
export function cue(kind: Cue['kind'], words: string): Cue {
  return { kind, words };
}

/** True while nothing is sold and no GO was given. */
export function waits({ view: { hold } }: Here): boolean {
  return hold?.goAtMs === null;
}

/** True where the limit is zero, and nothing had to be refused for it yet. */
export function isZero({ view: { ledger } }: Here): boolean {
  return ledger.limitUsd === 0 && ledger.realUsd === 0;
}
