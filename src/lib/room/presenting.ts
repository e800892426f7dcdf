/**
 * What a presenter does to a room: mode, step, guardrail. Each is one event, told by label. A show can end between their
 * word and its transaction: nothing is done to one that has.
 */
import { idsIn, modeRefusal } from '#lib/domain/by-lane.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import { COUNTDOWN_MS } from '#lib/domain/hold.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { roomAccount, watchThreshold } from './account.ts';
import type { Transaction } from './transaction.ts';

/** What a presenter's control may change. */
export interface Change {
  mode?: Mode | undefined;
  step?: number | undefined;
  hold?: true | undefined;
  go?: true | undefined;
}

/**
 * Sets mode or step, holds the room, gives the GO. What is so already makes no event: of two presenters who give the GO at the
 * same moment, one does. Changes nothing and says why where the show lacks the mode.
 */
export function control(tx: Transaction, by: string, change: Change): Refusal | null {
  const { facts } = tx.memory;
  if (facts.closed) return null;
  const refusal = change.mode ? modeRefusal(change.mode, idsIn(facts.lanes)) : null;
  if (refusal) return refusal;
  if (change.mode !== undefined && change.mode !== facts.mode) {
    tx.append({ kind: 'mode', body: { mode: change.mode, by } });
  }
  if (change.step !== undefined && change.step !== facts.step) {
    tx.append({ kind: 'step', body: { step: change.step, by } });
  }
  if (change.hold && facts.hold?.goAtMs !== null) {
    tx.append({ kind: 'held', body: { by } });
    tx.memory.practice = 0;
  }
  if (change.go && facts.hold?.goAtMs === null) {
    tx.append({ kind: 'go', body: { by, goAtMs: tx.nowMs + COUNTDOWN_MS } });
  }
  return null;
}

/**
 * Trips or clears the guardrail by hand. Nothing happens when it is in that state already, or when the threshold trips it first
 * because the cost has reached it since the last commit.
 */
export function guardrail(tx: Transaction, action: 'trip' | 'clear'): void {
  if (tx.memory.facts.closed) return;
  const tripped = action === 'trip';
  if (tripped) watchThreshold(tx);
  if (tx.memory.facts.guardrail.tripped === tripped) return;
  const virtualUsd = usdFromPico(roomAccount(tx.memory).virtual);
  tx.append({
    kind: 'guardrail',
    body: { state: tripped ? 'tripped' : 'cleared', by: 'presenter', virtualUsd },
  });
}
