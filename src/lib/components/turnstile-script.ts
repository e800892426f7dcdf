/** Loads Cloudflare's Turnstile script, once per page and with a time limit. */

/** What is used of it (developers.cloudflare.com/turnstile/get-started/client-side-rendering). */
export interface TurnstileScript {
  render(place: HTMLElement, options: Record<string, unknown>): string | null | undefined;
  remove(id: string): void;
}

const ADDRESS = 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit';
/** Longest time for the script to load, milliseconds: enough for a slow network. */
const LIMIT_MS = 10_000;

let loading: Promise<TurnstileScript | null> | null = null;

/** The script's API, or null when it does not come in time. A failure is not remembered: the next call tries again. */
export function loadTurnstile(): Promise<TurnstileScript | null> {
  const present = found();
  if (present) return Promise.resolve(present);
  loading ??= insert().finally(() => {
    loading = null;
  });
  return loading;
}

function insert(): Promise<TurnstileScript | null> {
  return new Promise((resolve) => {
    const script = document.createElement('script');
    const done = () => {
      clearTimeout(limit);
      const api = found();
      if (!api) script.remove();
      resolve(api);
    };
    const limit = setTimeout(done, LIMIT_MS);
    script.src = ADDRESS;
    script.async = true;
    script.onload = done;
    script.onerror = done;
    document.head.append(script);
  });
}

function found(): TurnstileScript | null {
  return (globalThis as { turnstile?: TurnstileScript }).turnstile ?? null;
}
