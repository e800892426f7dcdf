/** Seeded randomness for generated shows: a whole show from one number, fast enough for thousands of them. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number in 0..1, 1 excluded (mulberry32, Tommy Ettinger, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.between(1, n) === 1;
  }

  /** One of a list that is not empty. */
  of<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)] as T;
  }

  /** Takes one out of a list whose order does not matter; undefined when it is empty. */
  takeFrom<T>(list: T[]): T | undefined {
    const at = this.between(0, list.length - 1);
    const taken = list[at];
    const last = list.pop();
    if (last !== undefined && at < list.length) list[at] = last;
    return taken;
  }
}
