/** Checks that a room answers each tap once, and an op that was sent again with the same answer. */

/** @typedef {{ outcome: string, seq: number, spare: number }} Settled an op's answer, and how many more are due */

/** Checks the answers to one phone's ops. */
export class AnswerBook {
  /** Number of answers that were not asked for, or that contradict the first one. */
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
   * Another answer to an answered op. It is wrong when the op was not sent again, or when both answers allocate and differ;
   * a refusal changes nothing, so a refused op may be decided anew.
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
