/** How far a deployment has come: said whenever it stops, so that nobody has to guess what an account holds. */
import { step } from '../lib/step.mjs';
import { Stop } from '../lib/stop.mjs';

/**
 * One step that changes something.
 * @typedef {object} Task
 * @property {string} title said while it runs
 * @property {string} makes what stands afterwards
 * @property {() => Promise<unknown>} work
 */

export class Progress {
  /** @type {string[]} */
  #stands = [];
  /** @type {string[]} */
  #left = [];
  /** @type {string[]} */
  #notes = [];

  /** @param {string} what was found in the account */
  found(what) {
    this.#stands.push(what);
  }

  /** @param {string} line that must not be lost, however this ends */
  note(line) {
    this.#notes.push(line);
  }

  /** @returns {readonly string[]} */
  get notes() {
    return this.#notes;
  }

  /**
   * Runs tasks one after the other.
   * @param {Task[]} tasks
   * @throws {Stop} with the reason of the first that fails, what stands, and what the next call does
   */
  async run(tasks) {
    this.#left = tasks.map(({ makes }) => makes);
    for (const { title, makes, work } of tasks) {
      try {
        await step(title, work);
      } catch (error) {
        if (error instanceof Stop)
          throw new Stop(`\n${title} did not work.\n${error.message}\n\n${this.words()}`);
        throw error;
      }
      this.#stands.push(makes);
      this.#left.shift();
    }
  }

  /** What stands and what the next call does, as lines. */
  words() {
    const stands = this.#stands.length === 0 ? ['nothing'] : this.#stands;
    const left = this.#left.length === 0 ? ['nothing but asking for its health'] : this.#left;
    return [
      `What stands: ${stands.join('; ')}.`,
      `The next call with the same options leaves that as it is. Left to do: ${left.join('; ')}.`,
      ...this.#notes,
    ].join('\n');
  }
}
