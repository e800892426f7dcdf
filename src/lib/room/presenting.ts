/**
 * What a presenter does to a room: mode, step, guardrail. Each is one event, told by label. A show can end between their
 * word and its transaction: nothing is done to one that has.
 */
import { usdFromPico } from '#lib/domain/money.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { roomAccount, watchThreshold } from './account.ts';
import type { Transaction } from './transaction.ts';

/** Sets mode or step; values that are set already make no event. */
export function control(tx: Transaction, by: string, change: { mode?: Mode; step?: number }): void {
  const { facts } = tx.memory;
  if (facts.closed) return;
  if (change.mode !== undefined && change.mode !== facts.mode) {
    tx.append({ kind: 'mode', body: { mode: change.mode, by } });
  }
  if (change.step !== undefined && change.step !== facts.step) {
    tx.append({ kind: 'step', body: { step: change.step, by } });
  }
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
