/** Predict, then prove, in a rehearsal: the domain's rules over answers that are kept in memory until they are put away. */
import type { Refusal } from '#lib/domain/codes.ts';
import { answerRefusal, closeGuess, dropGuess, openGuess, suggestedQuestion } from '#lib/domain/guess.ts';
import type { UpOf } from '#lib/protocol/up.ts';
import type { Books } from './books.ts';
import type { Member } from './feed.ts';

/** The guess of a rehearsed room, with its answers in memory. */
export class Guesses {
  readonly #books: Books;
  /** By session. */
  readonly #answers = new Map<string, number>();

  constructor(books: Books) {
    this.#books = books;
  }

  /** How many have answered the guess that stands. */
  get count(): number {
    return this.#answers.size;
  }

  /** Somebody's own answer, for their welcome. */
  of(sessionId: string): { asked: number; value: number } | null {
    const value = this.#answers.get(sessionId);
    const { guess } = this.#books.facts;
    return guess && value !== undefined ? { asked: guess.asked, value } : null;
  }

  /** Takes an answer to the open guess; what it was taken for, or why it was not. */
  answer(member: Member, { asked, value }: UpOf<'guess'>): { asked: number; value: number } | Refusal {
    const { facts } = this.#books;
    if (member.role !== 'participant') return { code: 'FORBIDDEN', message: 'Only the audience answers.' };
    const refusal = answerRefusal(facts, asked ?? null, value);
    if (refusal || !facts.guess) return refusal ?? NONE_OPEN;
    this.#answers.set(member.sessionId, value);
    return { asked: facts.guess.asked, value };
  }

  /** What a presenter does with a guess; a refusal when it cannot be done. */
  ask(by: string, { action, question }: Pick<UpOf<'ask'>, 'action' | 'question'>): Refusal | null {
    const { facts, opening } = this.#books;
    if (action === 'close') {
      this.#tell(closeGuess(facts.guess, this.#answers.values(), by));
      return null;
    }
    if (action === 'drop') {
      this.#answers.clear();
      this.#tell(dropGuess(facts.guess, by));
      return null;
    }
    const about = question ?? suggestedQuestion(facts.step, facts.mode);
    const opened = openGuess(facts.guess, about, { by, capacity: opening.sku.capacity });
    if (opened && 'code' in opened) return opened;
    if (opened) this.#answers.clear();
    this.#tell(opened);
    return null;
  }

  /** A reset or the end of the show ends a guess: what was answered by then is told. */
  end(by: 'reset' | 'end'): void {
    const { guess } = this.#books.facts;
    if (!guess) return;
    this.#tell(closeGuess(guess, this.#answers.values(), by));
    this.#answers.clear();
  }

  #tell(body: ReturnType<typeof dropGuess>): void {
    if (body) this.#books.tell({ kind: 'guess', body });
  }
}

const NONE_OPEN: Refusal = {
  code: 'STALE_EPOCH',
  message: 'No question is open. Your answer does not count.',
};
