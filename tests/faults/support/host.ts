/** The server under test, started as `npm start` starts it: real processes on loopback, state in a folder of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from '../../../scripts/lib/build.mjs';
import type { Child } from '../../../scripts/lib/child.mjs';
import { endGroup, groupLives, signalGroup } from '../../../scripts/lib/group.mjs';
import { freePort } from '../../../scripts/lib/network.mjs';
import { BUILT_PAGES, ROOT } from '../../../scripts/lib/paths.mjs';
import { startServer, untilHealthy } from '../../../scripts/lib/server.mjs';

const LOOPBACK = '127.0.0.1';

/** What a server may have beside the usual. */
interface HostOptions {
  /** Path of the program that makes its public address. */
  tunnel?: string;
  /** Variables of its Worker. */
  vars?: ReadonlyMap<string, string> | undefined;
}

/** One server: killed and started again on the same port, folder and secrets. */
export class Host {
  readonly port: number;
  readonly url: string;
  readonly debugToken = randomBytes(32).toString('base64url');
  readonly #folder: string;
  readonly #secrets: Map<string, string>;
  readonly #tunnel: string | undefined;
  #server: Child | null = null;

  private constructor(port: number, folder: string, { tunnel, vars = new Map() }: HostOptions) {
    this.#tunnel = tunnel;
    this.port = port;
    this.url = `http://${LOOPBACK}:${port}`;
    this.#folder = folder;
    this.#secrets = new Map([
      ...vars,
      ['DEBUG_TOKEN', this.debugToken],
      ['SESSION_SECRET', randomBytes(48).toString('base64url')],
    ]);
  }

  /** Starts a server on a fresh folder. */
  static async open(options: HostOptions = {}): Promise<Host> {
    // The Worker imports the pages; whether they are of today does not matter to a room.
    if (!existsSync(join(ROOT, BUILT_PAGES))) await buildPages();
    const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-faults-'));
    for (const part of ['state', 'tmp']) mkdirSync(join(folder, part));
    const host = new Host(await freePort(), folder, options);
    await host.start();
    return host;
  }

  get #state(): string {
    return join(this.#folder, 'state');
  }

  /** Leader of the server's process group. */
  get group(): number {
    return this.#server?.pid ?? 0;
  }

  /** Starts the server; resolves when it answers. */
  async start(): Promise<void> {
    const server = inFolder(join(this.#folder, 'tmp'), () =>
      startServer({
        host: LOOPBACK,
        port: this.port,
        persistTo: this.#state,
        vars: this.#secrets,
        tunnel: this.#tunnel,
        onLine: (line) => process.env['FAULTS_OUTPUT'] && console.log(line),
      }),
    );
    this.#server = server;
    await untilHealthy(server, this.url);
  }

  /** SIGKILL to everything of the server at once; resolves when nothing of it is left. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server) throw new Error('There is no server to kill.');
    signalGroup(server.pid, 'SIGKILL');
    await server.ended;
    if (groupLives(server.pid)) throw new Error('A process of the server outlived SIGKILL.');
    this.#server = null;
  }

  /** Ends the server and removes its folder. */
  async end(): Promise<void> {
    if (this.#server) {
      await endGroup(this.#server.pid);
      await this.#server.ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A killed runtime leaves its temporary files: they lie in the host's folder and go with it. */
function inFolder<T>(folder: string, start: () => T): T {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    return start();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
