/** Firefox as its makers ship it, over WebDriver BiDi, which it speaks by itself. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Browser, BrowserWindow, Manner } from './browser.ts';
import { startProgram } from './program.ts';

/** It asks nobody but the pages' own server, and speaks English. */
const PREFERENCES = {
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'intl.accept_languages': 'en-US',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#',
  'toolkit.telemetry.enabled': false,
};

interface LogEntry {
  level: string;
  text: string | null;
}
/** The members of BiDi's messages that are read here. */
interface Message {
  id?: number;
  type: 'success' | 'error' | 'event';
  method?: string;
  params?: LogEntry;
  result?: object;
  error?: string;
  message?: string;
}

/** Starts it without a display. */
export async function startFirefox(path: string, { refusesCookies }: Manner = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'revenue-guard-firefox-'));
  const own = refusesCookies ? { 'network.cookie.cookieBehavior': 2 } : {};
  const lines = Object.entries({ ...PREFERENCES, ...own }).map(
    (each) => `user_pref(${each.map((x) => JSON.stringify(x)).join()});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const program = await startProgram(path, args, /WebDriver BiDi listening on (ws:\S+)/);
  const end = async () => {
    await program.end();
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    return await connect(`${program.said[1]}/session`, end);
  } catch (error) {
    await end();
    throw error;
  }
}

async function connect(url: string, endProgram: () => Promise<void>): Promise<Browser> {
  const bidi = new Bidi(new WebSocket(url));
  await bidi.opened;
  const { capabilities } = await bidi.ask<{ capabilities: { browserVersion: string } }>('session.new', {
    capabilities: {},
  });
  // A page says it in an event; Firefox does not log it as it logs other errors.
  await bidi.ask('script.addPreloadScript', {
    functionDeclaration: `() => document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error('content security policy: ' + violatedDirective + ' ' + blockedURI))`,
  });
  await bidi.ask('session.subscribe', { events: ['log.entryAdded'] });
  return {
    version: capabilities.browserVersion,
    complaints: () => bidi.complaints.splice(0),
    async open(viewport) {
      const { context } = await bidi.ask<{ context: string }>('browsingContext.create', { type: 'window' });
      await bidi.ask('browsingContext.setViewport', { context, viewport });
      return windowOf(bidi, context);
    },
    async end() {
      bidi.close();
      await endProgram();
    },
  };
}

function windowOf(bidi: Bidi, context: string): BrowserWindow {
  const whole = { context, wait: 'complete' };
  return {
    goto: (url) => bidi.ask('browsingContext.navigate', { ...whole, url }),
    reload: () => bidi.ask('browsingContext.reload', whole),
    back: () => bidi.ask('browsingContext.traverseHistory', { context, delta: -1 }),
    async evaluate(expression) {
      const { result, exceptionDetails } = await bidi.ask<{
        result?: { value?: string };
        exceptionDetails?: { text: string };
      }>('script.evaluate', {
        expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
        target: { context },
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return JSON.parse(result?.value ?? 'null') as unknown;
    },
    perform: (actions) => bidi.ask('input.performActions', { context, actions }),
    picture: async () =>
      (await bidi.ask<{ data: string }>('browsingContext.captureScreenshot', { context })).data,
  };
}

/** The protocol: numbered questions, and events between the answers. */
class Bidi {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, (message: Message) => void>();
  readonly complaints: string[] = [];
  readonly opened: Promise<unknown>;
  #last = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.opened = once(socket, 'open');
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Message));
  }

  ask<T = void>(method: string, params: object): Promise<T> {
    this.#last += 1;
    const id = this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#asked.set(id, ({ type, result, error, message }) => {
        if (type === 'success') resolve(result as T);
        else reject(new Error(`${method}: ${error}: ${message}`));
      });
    });
  }

  close(): void {
    this.#socket.terminate();
  }

  #hear(message: Message): void {
    if (message.id !== undefined) {
      this.#asked.get(message.id)?.(message);
      this.#asked.delete(message.id);
    } else if (message.method === 'log.entryAdded' && message.params) {
      const { level, text } = message.params;
      if (level === 'error' || level === 'warn') this.complaints.push(text ?? '');
    }
  }
}
