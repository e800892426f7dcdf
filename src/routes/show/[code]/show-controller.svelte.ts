/** State of the summary's page: the summary or why there is none, and the result of the last download. */
import { createReader } from '#lib/client/presenter-api.ts';
import type { ApiFailure } from '#lib/client/api.ts';
import { phrase } from '#lib/language/phrase.ts';
import { readShowSummary } from '#lib/summary/show-summary.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';

/** Phases of the page. */
export type Phase =
  | { kind: 'loading' }
  | { kind: 'failed'; failure: Pick<ApiFailure, 'code' | 'message'> }
  | { kind: 'shown'; summary: ShowSummary };

function otherVersion() {
  return {
    code: 'NOT_UNDERSTOOD',
    message: phrase('The answer is of another version than this page: load the page again.'),
  } as const;
}

/** Reads one show's summary and its logs. */
export class ShowController {
  readonly code: string;
  readonly #reader = createReader();
  #phase = $state.raw<Phase>({ kind: 'loading' });
  #busy = $state(false);
  /** Sentence about the last download; '' when there is none. */
  #notice = $state('');

  constructor(code: string) {
    this.code = code;
  }

  /** The page's phase. */
  get phase(): Phase {
    return this.#phase;
  }
  /** True while a request is under way. */
  get isBusy(): boolean {
    return this.#busy;
  }
  /** Sentence about the last download; '' when there is none. */
  get notice(): string {
    return this.#notice;
  }

  /** Fetches the summary, at first or again; the page keeps what it shows until the answer is there. */
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
    const failure = answer.ok ? otherVersion() : answer;
    if (this.#phase.kind === 'shown') this.#notice = phrase(`Not read again: ${failure.message}`);
    else this.#phase = { kind: 'failed', failure };
  }

  /** Fetches the log of a room; null when it cannot be had, and the notice says why. */
  async log(skuId: string): Promise<Blob | null> {
    this.#notice = phrase('Fetching the log…');
    const answer = await this.#reader.log(this.code, skuId);
    this.#notice = answer.ok ? '' : phrase(`No log: ${answer.message}`);
    return answer.ok ? answer.data : null;
  }

  /** Sets the notice. */
  say(notice: string): void {
    this.#notice = notice;
  }
}
