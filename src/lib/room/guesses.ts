/**
 * Guesses of a live room: a presenter asks, and each participant has one answer, which may be changed until the guess is closed.
 * Answers are stored before they are confirmed, in a table and never in the log; they are deleted with a reset, a drop or
 * the next question, and only counts remain.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { EventBodies } from '#lib/domain/events.ts';
import { answerRefusal, closeGuess, dropGuess, openGuess, suggestedQuestion } from '#lib/domain/guess.ts';
import type { UpOf } from '#lib/protocol/up.ts';
import type { EpochEnd, RoomContext } from './context.ts';
import { say } from './inbox.ts';
import type { Connection } from './connections.ts';
import type { RoomMemory } from './memory.ts';
import type { Transaction } from './transaction.ts';

/** Takes a participant's answer to the open guess, or refuses it. The same answer again is confirmed again. */
export function answerGuess(
  connection: Connection,
  room: RoomContext,
  { asked, value }: UpOf<'guess'>,
): void {
  const { sessionId, label, role } = connection.caller;
  const refuse = (refusal: Refusal) => say(connection, { t: 'nack', ...refusal });
  if (role !== 'participant') return refuse({ code: 'FORBIDDEN', message: 'Only the audience answers.' });
  room.commits.submit({
    run: (tx) => {
      const { facts, guesses } = tx.memory;
      const refusal = answerRefusal(facts, asked ?? null, value);
      if (refusal || !facts.guess) return tx.after(() => refusal && refuse(refusal));
      const taken = { t: 'guessed', asked: facts.guess.asked, value } as const;
      const isNew = !guesses.has(sessionId);
      if (guesses.get(sessionId) !== value) {
        guesses.set(sessionId, value);
        tx.write((tables) => tables.writeGuess(sessionId, value));
      }
      tx.after(() => {
        for (const each of room.ports.connections.ofLabel(label)) say(each, taken);
        // Only stages show the number of answers; phones get it with their next frame.
        if (isNew) room.feed.changedForStages();
      });
    },
    failed: () =>
      refuse({
        code: 'STORAGE_UNAVAILABLE',
        message: 'The room could not store this answer. Give it again.',
      }),
  });
}

/**
 * A presenter's act on a guess, in a transaction. Returns a refusal when it is not possible; an act without effect is
 * none.
 */
export function askGuess(
  tx: Transaction,
  by: string,
  { action, question }: Pick<UpOf<'ask'>, 'action' | 'question'>,
): Refusal | null {
  const { facts, guesses, opening } = tx.memory;
  if (action === 'close') {
    append(tx, closeGuess(facts.guess, guesses.values(), by));
    return null;
  }
  if (action === 'drop') {
    forgetAnswers(tx);
    append(tx, dropGuess(facts.guess, by));
    return null;
  }
  const about = question ?? suggestedQuestion(facts);
  const opened = openGuess(facts, about, { by, capacity: opening.sku.capacity });
  if (opened && 'code' in opened) return opened;
  if (opened) forgetAnswers(tx);
  append(tx, opened);
  return null;
}

/** Closes a guess at a reset or the end of the show: the answers so far are summed up, and then deleted. */
export function endGuess(tx: Transaction, by: EpochEnd): void {
  const { facts, guesses } = tx.memory;
  if (!facts.guess) return;
  append(tx, closeGuess(facts.guess, guesses.values(), by));
  forgetAnswers(tx);
}

/** A session's own answer to the current guess, for its welcome. */
export function ownGuess(
  { facts, guesses }: RoomMemory,
  sessionId: string,
): { guess?: { asked: number; value: number } } {
  const value = guesses.get(sessionId);
  return facts.guess && value !== undefined ? { guess: { asked: facts.guess.asked, value } } : {};
}

function append(tx: Transaction, body: EventBodies['guess'] | null): void {
  if (body) tx.append({ kind: 'guess', body });
}

function forgetAnswers(tx: Transaction): void {
  if (tx.memory.guesses.size === 0) return;
  tx.memory.guesses.clear();
  tx.write((tables) => tables.clearGuesses());
}
