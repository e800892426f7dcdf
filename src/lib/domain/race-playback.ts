/**
 * The hand on the projector: where in a race a slow motion stands, how fast it runs, and which recorded moment comes
 * next. It is told how much time went by and reads no clock itself.
 */

/**
 * How long a whole race plays unless another speed is chosen, milliseconds, however long it took: time enough for a room to see
 * who reads and who writes, and to hear it told.
 */
export const PLAYS_MS = 12_000;

/** Speeds that can be chosen: 0.1 is a tenth of what really happened; null is the one at which it plays {@link PLAYS_MS}. */
export const SPEEDS = [null, 0.1, 0.25, 0.5, 1, 2] as const;
/** One of {@link SPEEDS}. */
export type Speed = (typeof SPEEDS)[number];

/** How long each recorded moment stands when nothing may glide, milliseconds: long enough to read a sentence. */
export const STEP_MS = 1_500;

/** Position and speed in a race's slow motion. Times are milliseconds since the first moment of the race. */
export class Playback {
  /** The last moment. */
  readonly endMs: number;
  readonly #moments: readonly number[];
  /** True when it goes from moment to moment instead of gliding. */
  readonly #steps: boolean;
  #atMs: number;
  #isPlaying = false;
  #speed: Speed = null;
  #stoodMs = 0;

  /** @param moments recorded moments, in any order. It begins at the last of them: with the outcome. */
  constructor(moments: readonly number[], steps = false) {
    this.#moments = [...new Set([0, ...moments])].sort((a, b) => a - b);
    this.endMs = this.#moments.at(-1) ?? 0;
    this.#steps = steps;
    this.#atMs = this.endMs;
  }

  /** The current position. */
  get atMs(): number {
    return this.#atMs;
  }
  /** True while it runs. */
  get isPlaying(): boolean {
    return this.#isPlaying;
  }
  /** True at the last moment. */
  get isAtEnd(): boolean {
    return this.#atMs >= this.endMs;
  }

  /** Sets the speed. */
  setSpeed(speed: Speed): void {
    this.#speed = speed;
  }

  /** Runs from here; from the beginning when the end was reached. */
  play(): void {
    if (this.isAtEnd) this.#atMs = 0;
    this.#stoodMs = 0;
    this.#isPlaying = true;
  }

  /** Stops at the current position. */
  pause(): void {
    this.#isPlaying = false;
  }

  /** Goes to a moment, inside the race; whether it runs stays as it is. */
  seek(ms: number): void {
    this.#atMs = Number.isFinite(ms) ? Math.min(this.endMs, Math.max(0, ms)) : this.#atMs;
    this.#stoodMs = 0;
  }

  /** Stops, and goes to the next recorded moment, or the one before. */
  step(by: 1 | -1): void {
    this.pause();
    this.#atMs = this.#momentBeside(by);
  }

  /** So much time went by, milliseconds. Stops at the end. */
  advance(elapsedMs: number): void {
    if (!this.#isPlaying) return;
    if (this.#steps) {
      this.#stoodMs += elapsedMs;
      if (this.#stoodMs < STEP_MS) return;
      this.#stoodMs = 0;
      this.#atMs = this.#momentBeside(1);
    } else {
      const factor = this.#speed ?? this.endMs / PLAYS_MS;
      this.#atMs = Math.min(this.endMs, this.#atMs + elapsedMs * factor);
    }
    if (this.isAtEnd) this.pause();
  }

  #momentBeside(by: 1 | -1): number {
    const beside =
      by === 1
        ? this.#moments.find((ms) => ms > this.#atMs)
        : this.#moments.findLast((ms) => ms < this.#atMs);
    return beside ?? (by === 1 ? this.endMs : 0);
  }
}
