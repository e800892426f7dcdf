/** Checks that a room answers each tap once, and an op that was sent again with the same answer. */

/** The answers to one phone's ops. */
export class AnswerBook {
  /** Number of answers that were not asked for, or that contradict the first one. */
  doubles = 0;
  /** How often each open op was asked. */
  readonly #asked = new Map<string, number>();
  /** Each op's first answer, and how many more are due. */
  readonly #settled = new Map<string, { outcome: string; seq: number; spare: number }>();

  /** @param op sent now, for the first time or again */
  ask(op: string): void {
    this.#asked.set(op, (this.#asked.get(op) ?? 0) + 1);
  }

  /** Takes the first final answer to an op. */
  settle(op: string, outcome: string, seq: number): void {
    this.#settled.set(op, { outcome, seq, spare: (this.#asked.get(op) ?? 1) - 1 });
    this.#asked.delete(op);
  }

  /**
   * Takes another answer to an answered op. It is wrong when the op was not sent again, or when both answers allocate and
   * differ; a refusal changes nothing, so a refused op may be decided anew.
   */
  again(op: string, outcome: string, seq: number): void {
    const first = this.#settled.get(op);
    const isSame = first?.outcome !== 'allocated' || (outcome === 'allocated' && seq === first.seq);
    if (first !== undefined && first.spare > 0 && isSame) first.spare -= 1;
    else this.doubles += 1;
  }
}
