/**
 * A local server that keeps the documented contract of Cloudflare's API (developers.cloudflare.com/api), as far as a
 * deployment uses it: envelopes, refusals with their codes, and what is made stays made. D1 is real SQLite. A request that
 * it does not know is refused and remembered: a test that meets one fails. Longer than other files because the list of
 * endpoints is the contract, which is read in one place.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deployedScript, type Metadata, type Script } from './script.ts';

export const TOKEN = 'token-of-the-stand-in';

/** What the API says instead of doing what was asked; `drop` cuts the connection, `hold` never answers. */
export type Fault = 'drop' | 'hold' | { status: number; code: number; message: string };

interface Answer {
  status?: number;
  result: unknown;
}

/** Refused with a status and Cloudflare's own code. */
class Refused extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Handler = (match: RegExpExecArray, body: Buffer, request: IncomingMessage) => Answer | Promise<Answer>;

export class Cloudflare {
  readonly account = randomBytes(16).toString('hex');
  /** Where wrangler keeps what belongs to a user. */
  readonly home = mkdtempSync(join(tmpdir(), 'deploy-home-'));
  readonly databases = new Map<string, { name: string; sqlite: DatabaseSync }>();
  readonly namespaces = new Map<string, string>();
  readonly scripts = new Map<string, Script>();
  readonly assets = new Set<string>();
  subdomain = '';
  domains: { id: string; hostname: string; service: string }[] = [];
  accounts = [{ id: this.account, name: 'An account' }];
  /** `METHOD /path` of all requests, without the account. */
  readonly requests: string[] = [];
  /** Requests that this server knows nothing of. */
  readonly unknown: string[] = [];
  /** Times that a site is not served yet before it is. */
  notYet = 0;
  #faults: { pattern: RegExp; fault: Fault; onMeet?: (() => void) | undefined }[] = [];
  #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async open(): Promise<Cloudflare> {
    const cloudflare = new Cloudflare();
    await new Promise<void>((resolve) => cloudflare.#server.listen(0, '127.0.0.1', resolve));
    return cloudflare;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** From now on, requests that match meet a fault. */
  fail(pattern: RegExp, fault: Fault, onMeet?: () => void): void {
    this.#faults.push({ pattern, fault, onMeet });
  }

  /** Nothing fails any more. */
  mend(): void {
    this.#faults = [];
  }

  /** The names of the migrations that a database has seen. */
  applied(id: string): unknown[] {
    const rows = this.databases.get(id)?.sqlite.prepare('SELECT name FROM d1_migrations ORDER BY id').all();
    return (rows ?? []).map((row) => row['name']);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = new URL(request.url ?? '', this.url).pathname;
    const said = `${request.method} ${path.replace('/client/v4', '').replace(`/accounts/${this.account}/`, '/')}`;
    this.requests.push(said);
    const met = this.#faults.find(({ pattern }) => pattern.test(said));
    met?.onMeet?.();
    if (met?.fault === 'hold') return;
    if (met?.fault === 'drop') {
      request.socket.destroy();
      return;
    }
    if (path.startsWith('/site/')) {
      this.#serveSite(path, response, met?.fault);
      return;
    }
    try {
      if (met?.fault) throw new Refused(met.fault.status, met.fault.code, met.fault.message);
      const { status = 200, result } = await this.#answer(said, Buffer.concat(chunks), request);
      send(response, status, { result, success: true, errors: [], messages: [] });
    } catch (error) {
      const { status, code, message } =
        error instanceof Refused ? error : new Refused(500, 10013, String(error));
      send(response, status, { result: null, success: false, errors: [{ code, message }], messages: [] });
    }
  }

  #answer(said: string, body: Buffer, request: IncomingMessage): Answer | Promise<Answer> {
    const isUpload = said.startsWith('POST /workers/assets/upload');
    if (!isUpload && request.headers.authorization !== `Bearer ${TOKEN}`)
      throw new Refused(403, 10000, 'Authentication error');
    for (const [pattern, handler] of this.#handlers) {
      const match = pattern.exec(said);
      if (match) return handler(match, body, request);
    }
    this.unknown.push(said);
    throw new Refused(404, 7003, `Could not route to ${said}`);
  }

  #handlers: [RegExp, Handler][] = [
    // Wrangler asks who it works for once something was refused.
    [/^GET \/user\/tokens\/verify$/, () => ({ result: { id: 'token', status: 'active' } })],
    [/^GET \/user$/, () => ({ result: { id: 'user', email: 'presenter@example.com' } })],
    [/^GET \/memberships$/, () => ({ result: [] })],
    [/^GET \/accounts$/, () => ({ result: this.accounts })],

    [
      /^GET \/d1\/database$/,
      () => ({ result: [...this.databases].map(([uuid, { name }]) => ({ uuid, name })) }),
    ],
    [/^POST \/d1\/database$/, (_, body) => this.#makeDatabase(read(body)['name'] as string)],
    [/^DELETE \/d1\/database\/([^/]+)$/, ([, id = '']) => deleted(this.databases.delete(id), 7404)],
    [
      /^POST \/d1\/database\/([^/]+)\/query$/,
      ([, id = ''], body) => this.#query(id, read(body)['sql'] as string),
    ],

    [
      /^GET \/storage\/kv\/namespaces$/,
      () => ({ result: [...this.namespaces].map(([id, title]) => ({ id, title })) }),
    ],
    [/^POST \/storage\/kv\/namespaces$/, (_, body) => this.#makeNamespace(read(body)['title'] as string)],
    [
      /^DELETE \/storage\/kv\/namespaces\/([^/]+)$/,
      ([, id = '']) => deleted(this.namespaces.delete(id), 10013),
    ],

    [
      /^GET \/workers\/subdomain$/,
      () => {
        if (this.subdomain === '') throw new Refused(404, 10007, 'There is no subdomain.');
        return { result: { subdomain: this.subdomain } };
      },
    ],
    [
      /^PUT \/workers\/subdomain$/,
      (_, body) => {
        this.subdomain = read(body)['subdomain'] as string;
        return { result: { subdomain: this.subdomain } };
      },
    ],
    [/^GET \/workers\/domains$/, () => ({ result: this.domains })],
    [
      /^PUT \/workers\/domains$/,
      (_, body) => {
        const { hostname, service } = read(body) as { hostname: string; service: string };
        this.#script(service);
        const domain = { id: randomUUID(), hostname, service };
        this.domains = [...this.domains.filter((each) => each.hostname !== hostname), domain];
        return { result: domain };
      },
    ],
    [
      /^DELETE \/workers\/domains\/([^/]+)$/,
      ([, id]) => {
        this.domains = this.domains.filter((each) => each.id !== id);
        return { result: null };
      },
    ],

    [
      /^GET \/workers\/services\/([^/]+)$/,
      ([, name = '']) => ({ result: this.#script(name, 10090).service() }),
    ],
    [/^GET \/workers\/workers\/([^/]+)$/, ([, name = '']) => ({ result: this.#script(name).asWorker() })],
    [
      /^GET \/workers\/scripts\/([^/]+)\/settings$/,
      ([, name = '']) => ({ result: { bindings: this.#script(name).shownBindings() } }),
    ],
    [
      /^GET \/workers\/scripts\/([^/]+)\/secrets$/,
      ([, name = '']) => ({ result: this.#script(name).secretNames() }),
    ],
    [
      /^GET \/workers\/scripts\/([^/]+)\/deployments$/,
      ([, name = '']) => ({ result: { deployments: this.#script(name).deployments } }),
    ],
    [
      /^GET \/workers\/scripts\/([^/]+)\/versions\/([^/]+)$/,
      ([, name = '', id = '']) => ({ result: this.#script(name).version(id) }),
    ],
    [
      /^POST \/workers\/scripts\/([^/]+)\/assets-upload-session$/,
      (_, body) => {
        const manifest = read(body)['manifest'] as Record<string, { hash: string }>;
        const missing = Object.values(manifest)
          .map(({ hash }) => hash)
          .filter((hash) => !this.assets.has(hash));
        return { result: { jwt: 'e30.e30.session', buckets: missing.length === 0 ? [] : [missing] } };
      },
    ],
    [
      /^POST \/workers\/assets\/upload$/,
      async (_, body, request) => {
        for (const hash of (await form(body, request)).keys()) this.assets.add(hash);
        return { status: 201, result: { jwt: 'e30.e30.complete' } };
      },
    ],
    [
      /^PUT \/workers\/scripts\/([^/]+)$/,
      async ([, name = ''], body, request) => {
        const script = this.scripts.get(name) ?? deployedScript(name);
        const id = this.#upload(script, await metadata(body, request));
        script.deploy(id);
        this.scripts.set(name, script);
        return { result: { id: name, etag: id, deployment_id: id.replaceAll('-', ''), startup_time_ms: 9 } };
      },
    ],
    [
      /^POST \/workers\/scripts\/([^/]+)\/versions$/,
      async ([, name = ''], body, request) => {
        const id = this.#upload(this.#script(name), await metadata(body, request));
        return { result: { id, startup_time_ms: 9, resources: { script: { etag: id } } } };
      },
    ],
    [
      /^POST \/workers\/scripts\/([^/]+)\/deployments$/,
      ([, name = ''], body) => {
        const { versions } = read(body) as { versions: { version_id: string }[] };
        return { result: this.#script(name).deploy(versions[0]?.version_id ?? '') };
      },
    ],
    [/^PATCH \/workers\/scripts\/([^/]+)\/script-settings$/, () => ({ result: {} })],
    [
      /^POST \/workers\/scripts\/([^/]+)\/subdomain$/,
      ([, name = ''], body) => {
        const script = this.#script(name);
        script.onWorkersDev = read(body)['enabled'] === true;
        return { result: { enabled: script.onWorkersDev, previews_enabled: false } };
      },
    ],
    [/^DELETE \/workers\/scripts\/([^/]+)$/, ([, name = '']) => deleted(this.scripts.delete(name), 10007)],
  ];

  #script(name: string, code = 10007): Script {
    const script = this.scripts.get(name);
    if (!script) throw new Refused(404, code, 'This Worker does not exist on your account.');
    return script;
  }

  /** Refuses a version that binds what is not there, as the API does, and notes the tables that it would meet. */
  #upload(script: Script, { bindings, annotations, migrations }: Metadata): string {
    for (const { type, id = '', namespace_id: namespace = '' } of bindings) {
      if (type === 'd1' && !this.databases.has(id))
        throw new Refused(400, 10021, `binding DB of type d1 must have a valid \`id\` specified`);
      if (type === 'kv_namespace' && !this.namespaces.has(namespace))
        throw new Refused(400, 10041, `KV namespace '${namespace}' not found.`);
    }
    const database = bindings.find(({ type }) => type === 'd1');
    const tables = this.applied(database?.id ?? '');
    return script.upload({ bindings, annotations, migrations, tables });
  }

  #makeDatabase(name: string): Answer {
    if ([...this.databases.values()].some((each) => each.name === name))
      throw new Refused(400, 7502, 'Database with this name already exists');
    const uuid = randomUUID();
    this.databases.set(uuid, { name, sqlite: new DatabaseSync(':memory:') });
    return { result: { uuid, name } };
  }

  #makeNamespace(title: string): Answer {
    if ([...this.namespaces.values()].includes(title))
      throw new Refused(400, 10014, 'a namespace with this account ID and title already exists');
    const id = randomBytes(16).toString('hex');
    this.namespaces.set(id, title);
    return { result: { id, title } };
  }

  #query(id: string, sql: string): Answer {
    const database = this.databases.get(id);
    if (!database) throw new Refused(404, 7404, 'The database could not be found');
    const meta = { duration: 1, rows_read: 0, rows_written: 0, changes: 0, last_row_id: 0, size_after: 4096 };
    try {
      const isRead = /^\s*SELECT/i.test(sql);
      const results = isRead ? database.sqlite.prepare(sql).all() : (database.sqlite.exec(sql), []);
      return { result: [{ results, success: true, meta }] };
    } catch (error) {
      throw new Refused(400, 7500, String(error));
    }
  }

  /** The site as the deployed Worker would answer, by its address. */
  #serveSite(
    path: string,
    response: ServerResponse,
    fault: Exclude<Fault, 'drop' | 'hold'> | undefined,
  ): void {
    const [, , host = ''] = path.split('/');
    const byDomain = this.domains.find(({ hostname }) => hostname === host)?.service;
    const byName = host === `${host.split('.')[0]}.${this.subdomain}.workers.dev` ? host.split('.')[0] : '';
    const script = this.scripts.get(byDomain ?? byName ?? '');
    const isServed = byDomain !== undefined || script?.onWorkersDev === true;
    if (!script || !isServed || this.notYet-- > 0) {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<h1>There is nothing here yet</h1>');
      return;
    }
    if (fault)
      send(response, fault.status, { ok: false, error: { code: 'INTERNAL', message: fault.message } });
    else send(response, 200, { ok: true, version: '0.1.0' });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function read(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
}

function form(body: Buffer, request: IncomingMessage): Promise<FormData> {
  const headers = { 'Content-Type': request.headers['content-type'] ?? '' };
  return new Response(new Uint8Array(body), { headers }).formData();
}

async function metadata(body: Buffer, request: IncomingMessage): Promise<Metadata> {
  const part = (await form(body, request)).get('metadata');
  const text = typeof part === 'string' ? part : ((await part?.text()) ?? '{}');
  return JSON.parse(text) as Metadata;
}

function deleted(wasThere: boolean, code: number): Answer {
  if (!wasThere) throw new Refused(404, code, 'It does not exist.');
  return { result: null };
}
