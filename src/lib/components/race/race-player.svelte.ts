/** A playback as a page's live state: the browser's frames are its clock, and they run only while it plays. */
import { Playback } from '#lib/domain/race-playback.ts';
import type { Speed } from '#lib/domain/race-playback.ts';

/**
 * A playback as runes, driven by animation frames. Make one for each race, and {@link RacePlayer.close} it
 * when the race goes.
 */
export class RacePlayer {
  readonly #playback: Playback;
  #atMs = $state.raw(0);
  #isPlaying = $state.raw(false);
  #frame: number | null = null;

  /** @param steps true for people who asked for no motion: it goes from moment to moment. */
  constructor(moments: readonly number[], speed: Speed, steps: boolean) {
    this.#playback = new Playback(moments, steps);
    this.#playback.setSpeed(speed);
    this.#publish();
  }

  /** Milliseconds since the first reading of the race. */
  get atMs(): number {
    return this.#atMs;
  }
  /** Milliseconds from the first reading to the last moment. */
  get endMs(): number {
    return this.#playback.endMs;
  }
  /** True while it runs. */
  get isPlaying(): boolean {
    return this.#isPlaying;
  }
  /** Plays from the beginning. */
  start(): void {
    this.#playback.seek(0);
    this.#playback.play();
    this.#publish();
    this.#run();
  }

  /** Plays or pauses. */
  toggle(): void {
    if (this.#playback.isPlaying) this.#playback.pause();
    else this.#playback.play();
    this.#publish();
    if (this.#playback.isPlaying) this.#run();
  }

  /** Goes to the next or the previous moment. */
  step(by: 1 | -1): void {
    this.#playback.step(by);
    this.#publish();
  }

  /** Goes to a time, milliseconds. */
  seek(ms: number): void {
    this.#playback.seek(ms);
    this.#publish();
  }

  /** Sets the speed. */
  setSpeed(speed: Speed): void {
    this.#playback.setSpeed(speed);
    this.#publish();
  }

  /** Stops the animation frames. */
  close(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  #run(): void {
    this.close();
    let lastMs: number | null = null;
    const next = (nowMs: number) => {
      this.#playback.advance(lastMs === null ? 0 : nowMs - lastMs);
      lastMs = nowMs;
      this.#publish();
      this.#frame = this.#playback.isPlaying ? requestAnimationFrame(next) : null;
    };
    this.#frame = requestAnimationFrame(next);
  }

  #publish(): void {
    this.#atMs = this.#playback.atMs;
    this.#isPlaying = this.#playback.isPlaying;
  }
}
