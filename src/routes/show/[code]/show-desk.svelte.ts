/** The page's state: the summary of one show, why there is none, and the last thing that was taken home. */
import { createReader } from '#lib/client/presenter-api.ts';
import type { ApiFailure } from '#lib/client/api.ts';
import { readShowSummary } from '#lib/summary/show-summary.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';

/** Where the page stands. */
export type Phase =
  | { kind: 'loading' }
  | { kind: 'failed'; failure: Pick<ApiFailure, 'code' | 'message'> }
  | { kind: 'shown'; summary: ShowSummary };

const OTHER_VERSION = {
  code: 'NOT_UNDERSTOOD',
  message: 'The answer is of another version than this page: load the page again.',
} as const;

/** See the module's header. */
export class ShowDesk {
  readonly code: string;
  readonly #reader = createReader();
  #phase = $state.raw<Phase>({ kind: 'loading' });
  #busy = $state(false);
  /** What is said of the last thing that was asked for; empty while there is nothing to say. */
  #notice = $state('');

  constructor(code: string) {
    this.code = code;
  }

  get phase(): Phase {
    return this.#phase;
  }
  get isBusy(): boolean {
    return this.#busy;
  }
  get notice(): string {
    return this.#notice;
  }

  /** Reads the summary, for the first time or again. What is shown stays until there is something newer. */
  async read(): Promise<void> {
    this.#busy = true;
    const answer = await this.#reader.summary(this.code);
    this.#busy = false;
    const summary = answer.ok ? readShowSummary(answer.data) : null;
    if (summary) {
      this.#phase = { kind: 'shown', summary };
      this.#notice = '';
      return;
    }
    const failure = answer.ok ? OTHER_VERSION : answer;
    if (this.#phase.kind === 'shown') this.#notice = `Not read again: ${failure.message}`;
    else this.#phase = { kind: 'failed', failure };
  }

  /** The whole log of a room, or null: then it is said why. */
  async log(skuId: string): Promise<Blob | null> {
    this.#notice = 'Fetching the log…';
    const answer = await this.#reader.log(this.code, skuId);
    this.#notice = answer.ok ? '' : `No log: ${answer.message}`;
    return answer.ok ? answer.data : null;
  }

  /** Says what came of an export. */
  say(notice: string): void {
    this.#notice = notice;
  }
}
