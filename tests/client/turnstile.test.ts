/** The check for robots, with a script that does what a test says: what is rendered, what is heard, what is given up. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckFailure, CheckPhase } from '#lib/components/turnstile-check.ts';
import { failureOf, SILENT_MS, TurnstileCheck } from '#lib/components/turnstile-check.ts';
import type { TurnstileScript } from '#lib/components/turnstile-script.ts';
import { failureWords } from '#lib/components/turnstile-words.ts';

type Options = Record<string, unknown>;
const place = {} as HTMLElement;

/** Cloudflare's script, as it is documented: renders widgets, and calls back. */
class FakeScript implements TurnstileScript {
  readonly rendered: Options[] = [];
  readonly removed: string[] = [];
  id: string | null = 'cf-1';
  throws = false;

  render(_place: HTMLElement, options: Options): string | null {
    if (this.throws) throw new Error('[Cloudflare Turnstile] Invalid input for parameter "sitekey"');
    this.rendered.push(options);
    return this.id && `cf-${this.rendered.length}`;
  }
  remove(id: string): void {
    this.removed.push(id);
  }
  /** The newest widget calls back. */
  says(name: string, ...said: unknown[]): unknown {
    return this.#call(this.rendered.at(-1), name, said);
  }
  /** The first widget calls back, though it may be gone. */
  firstSays(name: string, ...said: unknown[]): unknown {
    return this.#call(this.rendered[0], name, said);
  }
  #call(options: Options | undefined, name: string, said: unknown[]): unknown {
    const callback = options?.[name];
    if (typeof callback !== 'function') throw new Error(`There is no ${name}.`);
    return (callback as (...args: unknown[]) => unknown)(...said);
  }
}

function scene(load?: () => Promise<TurnstileScript | null>) {
  const script = new FakeScript();
  const phases: CheckPhase[] = [];
  const tokens: string[] = [];
  const gone = vi.fn();
  const check = new TurnstileCheck({
    siteKey: 'site-key',
    action: 'login',
    language: 'en',
    theme: 'auto',
    load: load ?? (() => Promise.resolve(script)),
    place,
    onPhase: (phase) => phases.push(phase),
    onToken: (token) => tokens.push(token),
    onGone: gone,
  });
  return { script, phases, tokens, gone, check, last: () => phases.at(-1) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a check that works', () => {
  it('is rendered explicitly, with the page’s language and theme and the action that siteverify asks for', async () => {
    const { script, check, last } = scene();
    await check.start();
    expect(script.rendered).toHaveLength(1);
    expect(script.rendered[0]).toMatchObject({
      sitekey: 'site-key',
      action: 'login',
      language: 'en',
      theme: 'auto',
      retry: 'never',
    });
    expect(last()).toEqual({ kind: 'shown' });
  });

  it('hands its token on, and each fresh one after that one ran out', async () => {
    const { script, check, tokens, gone, last } = scene();
    await check.start();
    script.says('callback', 'first');
    expect([tokens, last()]).toEqual([['first'], { kind: 'passed' }]);
    script.says('expired-callback');
    expect(gone).toHaveBeenCalledOnce();
    expect(last()).toEqual({ kind: 'expired' });
    script.says('callback', 'second');
    expect([tokens, last()]).toEqual([['first', 'second'], { kind: 'passed' }]);
  });

  it('waits for a person as long as that takes', async () => {
    const { script, check, tokens, last } = scene();
    await check.start();
    script.says('before-interactive-callback');
    vi.advanceTimersByTime(10 * SILENT_MS);
    expect(last()).toEqual({ kind: 'shown' });
    script.says('timeout-callback');
    expect(last()).toEqual({ kind: 'expired' });
    script.says('callback', 'late');
    expect(tokens).toEqual(['late']);
  });

  it('leaves the page with its place', async () => {
    const { script, check } = scene();
    await check.start();
    check.close();
    expect(script.removed).toEqual(['cf-1']);
    vi.advanceTimersByTime(2 * SILENT_MS);
  });
});

describe('a check that does not work', () => {
  it('says that the script did not come, and works when it comes the next time', async () => {
    const script = new FakeScript();
    const answers: (TurnstileScript | null)[] = [null, script];
    const { check, last, gone } = scene(() => Promise.resolve(answers.shift() ?? null));
    await check.start();
    expect(last()).toEqual({ kind: 'failed', reason: 'unreachable' });
    expect(gone).toHaveBeenCalled();
    await check.start();
    expect(last()).toEqual({ kind: 'shown' });
  });

  it('is given up when its widget says nothing', async () => {
    const { script, check, last } = scene();
    await check.start();
    vi.advanceTimersByTime(SILENT_MS);
    expect(last()).toEqual({ kind: 'failed', reason: 'silent' });
    expect(script.removed).toEqual(['cf-1']);
  });

  it.each<[string, CheckFailure]>([
    ['110100', 'misconfigured'],
    ['110200', 'misconfigured'],
    ['400020', 'misconfigured'],
    ['110500', 'unsupported'],
    ['200100', 'clock'],
    ['200500', 'unreachable'],
    ['300030', 'rejected'],
    ['600010', 'rejected'],
    ['undefined', 'rejected'],
  ])('error %s is told as %s, and the widget does not report it a second time', async (code, reason) => {
    const { script, check, gone, last } = scene();
    await check.start();
    expect(script.says('error-callback', code), 'handled').toBe(true);
    expect(last()).toEqual({ kind: 'failed', reason });
    expect(gone).toHaveBeenCalled();
    expect(failureOf(code)).toBe(reason);
    expect(failureWords(reason).length).toBeGreaterThan(40);
  });

  it('says so of a browser that is too old, and of a site key that cannot be one', async () => {
    const old = scene();
    await old.check.start();
    old.script.says('unsupported-callback');
    expect(old.last()).toEqual({ kind: 'failed', reason: 'unsupported' });
    for (const broken of [{ throws: true }, { id: null }]) {
      const { script, check, last } = scene();
      Object.assign(script, broken);
      await check.start();
      expect(last()).toEqual({ kind: 'failed', reason: 'misconfigured' });
    }
  });
});

describe('a widget that was taken off', () => {
  it('is heard no more: neither its token nor its error counts', async () => {
    const { script, check, tokens, phases } = scene();
    await check.start();
    await check.start();
    const before = phases.length;
    expect(script.removed).toEqual(['cf-1']);
    script.firstSays('callback', 'old');
    script.firstSays('error-callback', '300030');
    expect([tokens, phases.length]).toEqual([[], before]);
    script.says('callback', 'new');
    expect(tokens).toEqual(['new']);
  });

  it('is not rendered at all when its place left the page while the script loaded', async () => {
    const script = new FakeScript();
    let arrive = (_: TurnstileScript) => {};
    const { check } = scene(() => new Promise((resolve) => (arrive = resolve)));
    const started = check.start();
    check.close();
    arrive(script);
    await started;
    expect(script.rendered).toEqual([]);
  });
});
