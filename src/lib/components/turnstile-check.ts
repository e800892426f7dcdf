/**
 * One run of Turnstile: loads the script, renders the widget once, and reports its state. What does not answer in time is given
 * up and can be tried again; nothing goes on without a token.
 */
import type { TurnstileScript } from './turnstile-script.ts';

/** How the check stands. `expired`: a token or a challenge ran out, and the widget is at it again. */
export type CheckPhase =
  | { kind: 'loading' }
  | { kind: 'shown' }
  | { kind: 'passed' }
  | { kind: 'expired' }
  | { kind: 'failed'; reason: CheckFailure };

/** Why there is no token, as far as anybody can tell. */
export type CheckFailure = 'unreachable' | 'silent' | 'misconfigured' | 'clock' | 'unsupported' | 'rejected';

/** Longest time without any callback of the widget, milliseconds; one that waits for a person has called by then. */
export const SILENT_MS = 20_000;

/** What a check needs. */
export interface CheckNeeds {
  siteKey: string;
  /** The action that siteverify has to name back. */
  action: string;
  /** Language of the page, `en`; 'auto' leaves it to the browser. */
  language: string;
  theme: 'auto' | 'light' | 'dark';
  load: () => Promise<TurnstileScript | null>;
  place: HTMLElement;
  onPhase: (phase: CheckPhase) => void;
  /**
   * Called with a new token, valid once and for five minutes
   * (developers.cloudflare.com/turnstile/get-started/server-side-validation).
   */
  onToken: (token: string) => void;
  /** The token is no longer good, or there will be none. */
  onGone: () => void;
}

/** One run of Turnstile: script, widget and token. Call {@link TurnstileCheck.start} again to try again. */
export class TurnstileCheck {
  #round = 0;
  #remove = () => {};
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #needs: CheckNeeds;

  constructor(needs: CheckNeeds) {
    this.#needs = needs;
  }

  /** Begins, or begins anew. */
  async start(): Promise<void> {
    this.#drop();
    const round = this.#round;
    const { load, place, onPhase } = this.#needs;
    onPhase({ kind: 'loading' });
    const script = await load();
    // Meanwhile it was begun anew, or its place is gone from the page.
    if (round !== this.#round) return;
    if (!script) return this.#fail('unreachable');
    onPhase({ kind: 'shown' });
    this.#silence = setTimeout(() => this.#fail('silent'), SILENT_MS);
    try {
      const id = script.render(place, this.#options(round));
      if (!id) return this.#fail('misconfigured');
      this.#remove = () => script.remove(id);
    } catch {
      // The script throws for a site key that cannot be one.
      this.#fail('misconfigured');
    }
  }

  /** Takes the widget off the page. */
  close(): void {
    this.#drop();
  }

  #options(round: number): Record<string, unknown> {
    const { siteKey, action, language, theme, onPhase, onToken, onGone } = this.#needs;
    // A widget that was taken off may still have something to say.
    const heard =
      <A extends unknown[]>(hear: (...said: A) => void) =>
      (...said: A) => {
        if (round !== this.#round) return true;
        clearTimeout(this.#silence);
        hear(...said);
        return true;
      };
    const gone = heard(() => {
      onGone();
      onPhase({ kind: 'expired' });
    });
    return {
      sitekey: siteKey,
      action,
      language,
      theme,
      size: 'flexible',
      // Trying again is ours to offer: the person is told first.
      retry: 'never',
      'refresh-expired': 'auto',
      'refresh-timeout': 'auto',
      callback: heard((token: string) => {
        onPhase({ kind: 'passed' });
        onToken(token);
      }),
      'expired-callback': gone,
      'timeout-callback': gone,
      'before-interactive-callback': heard(() => onPhase({ kind: 'shown' })),
      'unsupported-callback': heard(() => this.#fail('unsupported')),
      'error-callback': heard((code: unknown) => this.#fail(failureOf(String(code)))),
    };
  }

  #fail(reason: CheckFailure): void {
    this.#drop();
    this.#needs.onGone();
    this.#needs.onPhase({ kind: 'failed', reason });
  }

  #drop(): void {
    this.#round += 1;
    clearTimeout(this.#silence);
    const remove = this.#remove;
    this.#remove = () => {};
    remove();
  }
}

/** The families of Turnstile's client-side error codes (developers.cloudflare.com/turnstile/troubleshooting). */
export function failureOf(code: string): CheckFailure {
  if (code.startsWith('110500')) return 'unsupported';
  if (/^(110|400)/.test(code)) return 'misconfigured';
  if (code.startsWith('2001')) return 'clock';
  if (code.startsWith('2005')) return 'unreachable';
  return 'rejected';
}
