/**
 * WebKitGTK, the nearest to Safari that Linux has: its MiniBrowser over classic WebDriver, on a display that nobody sees.
 * Neither tells what a page writes to its console: pages keep it themselves (ear.ts), and are asked with every question.
 */
import { vi } from 'vitest';
import { freePort } from '../../../scripts/lib/network.mjs';
import type { Browser, BrowserWindow, Manner } from './browser.ts';
import { HEARD } from './ear.ts';
import type { Program } from './program.ts';
import { startProgram } from './program.ts';

/** Where its three programs are. */
export interface WebkitPrograms {
  driver: string;
  browser: string;
  display: string;
}

/** Starts its display, its driver and itself. */
export async function startWebkit(
  { driver, browser, display }: WebkitPrograms,
  { refusesCookies = false }: Manner = {},
): Promise<Browser> {
  const programs: Program[] = [];
  const end = async () => {
    for (const program of programs.toReversed()) await program.end();
  };
  try {
    // It chooses a number that is free and tells it.
    const screen = ['-displayfd', '1', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'];
    const xvfb = await startProgram(display, screen, /^(\d+)$/);
    programs.push(xvfb);
    const port = await freePort();
    const env = {
      DISPLAY: `:${xvfb.said[1]}`,
      LANG: 'en_US.UTF-8',
      LANGUAGE: 'en_US',
      GDK_BACKEND: 'x11',
      NO_AT_BRIDGE: '1',
    };
    programs.push(await startProgram(driver, ['--host=127.0.0.1', `--port=${port}`], null, env));
    const url = `http://127.0.0.1:${port}`;
    await vi.waitUntil(() => answers(`${url}/status`), { timeout: 30_000 });
    const session = await Session.open(url, browser, refusesCookies ? ['--cookies-policy=never'] : []);
    return {
      version: session.version,
      complaints: () => session.complaints.splice(0),
      open: (size) => session.window(size),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The protocol: one window at a time has the driver's ear, so questions wait for each other. */
class Session {
  readonly #url: string;
  readonly version: string;
  readonly complaints: string[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(url: string, version: string) {
    this.#url = url;
    this.version = version;
  }

  static async open(driver: string, binary: string, args: readonly string[]): Promise<Session> {
    const options = { binary, args: ['--automation', ...args] };
    const capabilities = { alwaysMatch: { pageLoadStrategy: 'none', 'webkitgtk:browserOptions': options } };
    const opened = await call<{ sessionId: string; capabilities: { browserVersion: string } }>(
      `${driver}/session`,
      { capabilities },
    );
    return new Session(`${driver}/session/${opened.sessionId}`, opened.capabilities.browserVersion);
  }

  async window({ width, height }: { width: number; height: number }): Promise<BrowserWindow> {
    const { handle } = await this.#inTurn(() =>
      call<{ handle: string }>(`${this.#url}/window/new`, { type: 'window' }),
    );
    const ask = <T = void>(path: string, body?: object): Promise<T> =>
      this.#inTurn(async () => {
        await call(`${this.#url}/window`, { handle });
        return call<T>(`${this.#url}/${path}`, body);
      });
    await ask('window/rect', { width, height });
    const evaluate = async (expression: string): Promise<unknown> => {
      const script = `return (async () => JSON.stringify([${HEARD}, (await (${expression})) ?? null]))()`;
      const answer = await ask<string>('execute/sync', { script, args: [] });
      const [heard, value] = JSON.parse(answer) as [string[], unknown];
      this.complaints.push(...heard);
      return value;
    };
    /** The old page answers until the new one is there: it is marked. */
    const leave = async (path: string, body: object): Promise<void> => {
      await evaluate('(window.isLeft = true)');
      await ask(path, body);
      const isThere = () =>
        evaluate(`!window.isLeft && document.readyState === 'complete'`).then(
          (there) => there === true,
          () => false,
        );
      await vi.waitUntil(isThere, { timeout: 30_000, interval: 10 });
    };
    return {
      goto: (url) => leave('url', { url }),
      reload: () => leave('refresh', {}),
      back: () => ask('back', {}),
      evaluate,
      perform: (actions) => ask('actions', { actions }),
      picture: () => ask<string>('screenshot'),
    };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** @throws with the driver's own words */
async function call<T = void>(url: string, body?: object): Promise<T> {
  const answer = await fetch(url, body ? { method: 'POST', body: JSON.stringify(body) } : {});
  const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
  if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
