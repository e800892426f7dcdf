/** Holds a room to one answer for each tap: what was asked again may be answered again, but never otherwise. */

/** @typedef {{ outcome: string, seq: number, spare: number }} Settled what an op was answered, and how often it may be again */

/** The answers of one phone. */
export class AnswerBook {
  /** Answers that nobody had asked for, or that contradict the first one. */
  doubles = 0;
  /** How often each open op was asked. @type {Map<string, number>} */
  #asked = new Map();
  /** @type {Map<string, Settled>} */
  #settled = new Map();

  /** @param {string} op sent now, for the first time or again */
  ask(op) {
    this.#asked.set(op, (this.#asked.get(op) ?? 0) + 1);
  }

  /**
   * The first final answer to an op.
   * @param {string} op
   * @param {string} outcome
   * @param {number} seq
   */
  settle(op, outcome, seq) {
    this.#settled.set(op, { outcome, seq, spare: (this.#asked.get(op) ?? 1) - 1 });
    this.#asked.delete(op);
  }

  /**
   * Another answer to an op that has one. It counts when it was not asked for, or when the op got something both times, and not
   * the same: a refusal changes nothing, so an op that was refused may be decided anew.
   * @param {string} op
   * @param {string} outcome
   * @param {number} seq
   */
  again(op, outcome, seq) {
    const first = this.#settled.get(op);
    const isSame =
      first !== undefined &&
      (first.outcome !== 'allocated' || (outcome === 'allocated' && seq === first.seq));
    if (first !== undefined && first.spare > 0 && isSame) first.spare -= 1;
    else this.doubles += 1;
  }
}
